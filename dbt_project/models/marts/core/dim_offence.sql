-- One row per Home Office offence code and days of validity: where it belongs.
select
    cast(ho_code as varchar) as ho_code,
    cast(offence_title as varchar) as offence_title,
    cast(offence_subgroup as varchar) as offence_subgroup,
    cast(offence_group as varchar) as offence_group,
    cast(police_uk_category as varchar) as police_uk_category,
    cast(is_knife_flaggable as boolean) as is_knife_flaggable,
    cast(is_vawg as boolean) as is_vawg,
    cast(is_aggravated as boolean) as is_aggravated,
    cast(is_serious_violence as boolean) as is_serious_violence,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    cast(listed_in as varchar) as listed_in,
    cast(verified as varchar) as verified
from {{ ref("offence_taxonomy") }}
order by ho_code, valid_from
