-- One row per smallest unit and area that it counts in.
-- A unit is what a partner can place a row in: an LSOA, a ward, a postcode district, the whole
-- area;
-- or a line for rows without a place, of which some are known to lie in the area.
select lsoa_2021_code as unit_code, 'lsoa' as area_type, lsoa_2021_code as area_code
from {{ ref("int_lsoa") }}
union all
select lsoa_2021_code as unit_code, 'ward' as area_type, ward_code as area_code
from {{ ref("int_lsoa") }}
union all
select lsoa.lsoa_2021_code as unit_code, 'city' as area_type, area.area_code
from {{ ref("int_lsoa") }} as lsoa
cross join {{ ref("int_area") }} as area
union all
select distinct ward_code as unit_code, 'ward' as area_type, ward_code as area_code
from {{ ref("int_lsoa") }}
union all
select distinct lsoa.ward_code as unit_code, 'city' as area_type, area.area_code
from {{ ref("int_lsoa") }} as lsoa
cross join {{ ref("int_area") }} as area
union all
select
    postcode_district as unit_code, 'postcode_district' as area_type, postcode_district as area_code
from {{ ref("postcode_districts") }}
union all
select districts.postcode_district as unit_code, 'city' as area_type, area.area_code
from {{ ref("postcode_districts") }} as districts
cross join {{ ref("int_area") }} as area
union all
select area_code as unit_code, 'city' as area_type, area_code
from {{ ref("int_area") }}
union all
select line_code as unit_code, 'unplaced' as area_type, line_code as area_code
from {{ ref("unplaced_lines") }}
union all
select lines.line_code as unit_code, 'city' as area_type, area.area_code
from {{ ref("unplaced_lines") }} as lines
cross join {{ ref("int_area") }} as area
where {{ lies_within("lines.line_code") }}
