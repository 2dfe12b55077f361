-- One row per database (there is one): what it is, whom it is about, and whether it is made up.
select
    cast(area.area_code as varchar) as area_code,
    cast(area.area_name as varchar) as area_name,
    cast(run.is_synthetic as boolean) as is_synthetic,
    -- Made up or not: who reads made-up figures gets used to what real ones need.
    cast('OFFICIAL-SENSITIVE' as varchar) as marking,
    cast(
        'Not controlled for disclosure: counts of few people are exact; do not pass on or publish them as they are.'
        || case
            when run.is_synthetic
            then
                ' SYNTHETIC: made-up extracts. No figure in this database is about any place or person.'
            else ' Figures from partners'' extracts.'
        end as varchar
    ) as notice,
    cast((select count(*) from {{ ref("feeds") }}) as integer) as feeds,
    cast((select count(*) from {{ ref("deliveries") }} where is_current) as integer) as deliveries,
    cast((select count(*) from {{ ref("measure_register") }}) as integer) as measures,
    cast(
        (select max(received_at) from {{ ref("deliveries") }} where is_current) as timestamp
    ) as data_as_at
from {{ ref("int_area") }} as area
cross join {{ source("manifest", "run") }} as run
