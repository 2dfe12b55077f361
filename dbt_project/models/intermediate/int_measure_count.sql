-- One row per measure, month and smallest unit with at least one event: the only way into
-- fct_measure.
-- A new feed adds one branch to the union.
with
    street_crime as (
        select
            measures.measure_id,
            placed.period_month,
            coalesce(placed.lsoa_2021_code, upper(placed.placement)) as unit_code,
            count(*) as event_count
        from {{ ref("int_street_crime_placed") }} as placed
        inner join
            {{ ref("street_crime_measures") }} as measures
            on measures.crime_type = placed.crime_type
        group by 1, 2, 3
    )

select measure_id, period_month, unit_code, event_count
from street_crime
