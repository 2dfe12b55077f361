-- One row per fact of the area: what the assessment is about.
with
    city as (select * from marts.dim_area where area_type = 'city'),
    deprivation as (
        select
            count(*) as lsoas,
            count(imd_decile) as known,
            count(*) filter (where imd_decile = 1) as in_most_deprived_tenth,
            count(*) filter (where crime_decile = 1) as in_crime_tenth
        from marts.area_deprivation
    )
select
    1 as sort_order,
    'Residents' as fact,
    cast(residents as varchar) as value,
    'usual residents, mid-' || residents_year as unit
from city
union all
select
    2,
    'Wards',
    cast(count(*) as varchar),
    regexp_replace(coalesce(split_part(max(vintage), ',', 1), 'ward'), '^ward', 'wards')
from marts.dim_area
where area_type = 'ward'
union all
select 3, 'LSOAs', cast(lsoas as varchar), 'Lower layer Super Output Areas 2021'
from deprivation
union all
select
    4,
    'LSOAs in the most deprived tenth of England',
    case when known > 0 then cast(in_most_deprived_tenth as varchar) end,
    'Indices of Deprivation 2025'
from deprivation
union all
select
    5,
    'LSOAs in the most deprived tenth for crime',
    case when known > 0 then cast(in_crime_tenth as varchar) end,
    'Indices of Deprivation 2025, crime domain'
from deprivation
order by sort_order
