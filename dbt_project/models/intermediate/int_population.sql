-- One row per LSOA 2021 and year: residents at 30 June, from one series for all years.
with
    delivered as (
        select lsoa_2021_code, mid_year, population
        from {{ ref("stg_reference__population") }}
        where reject_reason is null
    )

select lsoa_2021_code, mid_year, population, 'delivery' as population_source
from delivered
union all
select lsoa_2021_code, mid_year, population, 'seed' as population_source
from {{ ref("area_population") }}
where not exists (select 1 from delivered)
