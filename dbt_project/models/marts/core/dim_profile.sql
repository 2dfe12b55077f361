-- One row per dimension of profiles: what a value of it says, and its limits.
select
    cast(dimension as varchar) as dimension,
    cast(dimension_name as varchar) as dimension_name,
    cast(description as varchar) as description,
    cast(lowest_geography as varchar) as lowest_geography,
    cast(sort_order as integer) as sort_order,
    cast(is_published as boolean) as is_published,
    cast(verified as varchar) as verified
from {{ ref("profile_dimensions") }}
order by sort_order
