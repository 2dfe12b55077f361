-- One row per published measure and period that its publisher gave a value for (the whole area).
-- A measure's indicator is the name in quotation marks in the register's numerator.
with
    measures as (
        select measure_id, regexp_extract(numerator, '“([^”]+)”', 1) as indicator_name
        from {{ ref("measure_register") }}
        where method = 'published' and source_feed = 'health/public_health_indicators'
    ),

    area_values as (
        select
            measures.measure_id,
            indicators.edition,
            indicators.line_number,
            indicators.period_type,
            indicators.period_start,
            indicators.period_end,
            indicators.event_count,
            indicators.people,
            indicators.rate,
            indicators.rate_lower,
            indicators.rate_upper,
            -- All ages come before those from an age on (suicide is counted from 10); bands never.
            case
                when indicators.age = 'All ages'
                then 0
                else try_cast(regexp_extract(indicators.age, '^([0-9]+)[+] yrs$', 1) as integer) + 1
            end as age_rank,
            max(indicators.edition) over (partition by measures.measure_id) as newest_edition
        from {{ ref("stg_health__public_health_indicators") }} as indicators
        inner join measures on measures.indicator_name = indicators.indicator_name
        inner join {{ ref("int_area") }} as area on area.area_code = indicators.area_code
        where
            indicators.reject_reason is null
            and indicators.sex = 'Persons'
            and indicators.category is null
    ),

    -- The newest edition that has the indicator says all there is; an area stands in it once by
    -- itself and once under its parent.
    chosen as (
        select
            *,
            row_number() over (
                partition by measure_id, period_type, period_start order by age_rank, line_number
            ) as choice
        from area_values
        where edition = newest_edition and age_rank is not null
    )

select
    measure_id,
    period_type,
    period_start,
    period_end,
    event_count,
    people,
    rate,
    rate_lower,
    rate_upper
from chosen
where choice = 1 and rate is not null
