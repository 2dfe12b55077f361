-- One row per measure of street-level crime, street of an LSOA and month with at least one event.
-- The publisher moves every row to one of a fixed list of points, named after the street or the
-- kind
-- of
-- place: a name within an LSOA is the finest place that the file knows, and no address.
select
    measures.measure_id,
    placed.lsoa_2021_code,
    placed.street,
    placed.period_month,
    count(*) as event_count
from {{ ref("int_street_crime_placed") }} as placed
inner join {{ ref("street_crime_measures") }} as measures on measures.crime_type = placed.crime_type
where placed.lsoa_2021_code is not null and placed.street is not null
group by 1, 2, 3, 4
