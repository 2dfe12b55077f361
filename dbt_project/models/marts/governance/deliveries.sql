-- One row per delivery ever received, whether or not it counts today.
select
    cast(feed as varchar) as feed,
    cast(delivery_id as varchar) as delivery_id,
    cast(period as varchar) as period,
    cast(part as varchar) as part,
    cast(seq as integer) as seq,
    cast(sha256 as varchar) as sha256,
    cast(size_bytes as bigint) as size_bytes,
    cast(file_name as varchar) as file_name,
    cast(modified_at as timestamp) as modified_at,
    cast(received_at as timestamp) as received_at,
    cast(contract_version as varchar) as contract_version,
    cast(state as varchar) as state,
    cast(refused_by as varchar) as refused_by,
    cast(reason as varchar) as reason,
    cast(row_count as bigint) as row_count,
    coalesce(state = 'passed' and row_count = 0, false) as is_nil_return,
    cast(is_current as boolean) as is_current,
    cast(is_synthetic as boolean) as is_synthetic
from {{ source("manifest", "deliveries") }}
order by feed, delivery_id
