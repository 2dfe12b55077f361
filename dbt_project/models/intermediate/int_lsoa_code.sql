-- One row per LSOA code of either vintage and LSOA 2021 it may stand for, with its population
-- share.
-- A code of 2021 stands for itself; a code that 2021 retired stands for the areas it became.
-- Police files contain both: a join on 2011 codes alone silently lost 8.7% of incidents in 2025
-- (annual-deprivation-index commit b152edf).
with
    delivered as (
        select distinct lsoa_2011_code, lsoa_2021_code, district_code
        from {{ ref("stg_reference__lsoa_2011_to_2021") }}
        -- A lookup that does not know the area is no lookup for it; the shipped one stands in.
        where
            exists (
                select 1
                from {{ ref("stg_reference__lsoa_2011_to_2021") }} as own
                inner join
                    {{ source("manifest", "run") }} as run on run.area_code = own.district_code
            )
    ),

    pairs as (
        select lsoa_2011_code, lsoa_2021_code, district_code
        from delivered
        union all
        select lsoa_2011_code, lsoa_2021_code, district_code
        from {{ ref("area_lsoa_2011_to_2021") }}
        where not exists (select 1 from delivered)
    ),

    current_codes as (select distinct lsoa_2021_code, district_code from pairs),

    newest_population as (
        select lsoa_2021_code, population
        from {{ ref("int_population") }}
        where mid_year = (select max(mid_year) from {{ ref("int_population") }})
    ),

    retired as (
        select pairs.lsoa_2011_code, pairs.lsoa_2021_code, pairs.district_code
        from pairs
        where
            not exists (
                select 1
                from current_codes
                where current_codes.lsoa_2021_code = pairs.lsoa_2011_code
            )
    ),

    shared as (
        select
            retired.lsoa_2011_code,
            retired.lsoa_2021_code,
            retired.district_code,
            count(*) over (partition by retired.lsoa_2011_code) as candidates,
            -- Where a population is not known the areas share alike.
            coalesce(newest_population.population, 1) as weight,
            count(newest_population.population) over (
                partition by retired.lsoa_2011_code
            ) as known_populations
        from retired
        left join newest_population on newest_population.lsoa_2021_code = retired.lsoa_2021_code
    )

select
    lsoa_2021_code as lsoa_code,
    lsoa_2021_code,
    district_code,
    1 as candidates,
    cast(1.0 as double) as population_share,
    'code_of_2021' as mapping
from current_codes
union all
select
    lsoa_2011_code as lsoa_code,
    lsoa_2021_code,
    district_code,
    candidates,
    case
        when known_populations = candidates
        then cast(weight as double) / sum(weight) over (partition by lsoa_2011_code)
        else 1.0 / candidates
    end as population_share,
    case when candidates = 1 then 'merged' else 'split' end as mapping
from shared
