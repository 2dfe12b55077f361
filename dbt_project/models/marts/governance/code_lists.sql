-- One row per place that uses a list of allowed values: whose list it is, and of which day.
select
    cast(used_by as varchar) as used_by,
    cast("list" as varchar) as list_name,
    cast(publisher as varchar) as publisher,
    cast(address as varchar) as address,
    cast(as_at as date) as as_at,
    cast(licence as varchar) as licence,
    cast(entries as integer) as entries,
    cast(checksum as varchar) as checksum,
    cast(verified as varchar) as verified,
    cast(note as varchar) as note
from {{ ref("code_list_register") }}
order by used_by
