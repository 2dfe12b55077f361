-- One row per smallest unit (an LSOA, or a line for rows without a place) and area that it counts
-- in.
with
    area as (
        select run.area_code, partnership.area_name
        from {{ source("manifest", "run") }} as run
        inner join {{ ref("partnerships") }} as partnership on partnership.area_code = run.area_code
    )

select lsoa_2021_code as unit_code, 'lsoa' as area_type, lsoa_2021_code as area_code
from {{ ref("int_lsoa") }}
union all
select lsoa_2021_code as unit_code, 'ward' as area_type, ward_code as area_code
from {{ ref("int_lsoa") }}
union all
select lsoa.lsoa_2021_code as unit_code, 'city' as area_type, area.area_code
from {{ ref("int_lsoa") }} as lsoa
cross join area
union all
select line_code as unit_code, 'unplaced' as area_type, line_code as area_code
from {{ ref("unplaced_lines") }}
