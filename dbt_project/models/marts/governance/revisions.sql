-- One row per delivery that another one of the same period came after: what was known before, and
-- until when.
with
    ordered as (
        select
            feed,
            part,
            period,
            delivery_id,
            seq,
            sha256,
            received_at,
            row_count,
            state,
            is_current,
            lead(delivery_id) over slots as next_delivery_id,
            lead(received_at) over slots as next_received_at,
            lead(row_count) over slots as next_row_count,
            lead(state) over slots as next_state
        from {{ source("manifest", "deliveries") }}
        window slots as (partition by feed, part, period order by seq)
    )

select
    cast(feed as varchar) as feed,
    cast(part as varchar) as part,
    cast(period as varchar) as period,
    cast(delivery_id as varchar) as delivery_id,
    cast(sha256 as varchar) as sha256,
    cast(received_at as timestamp) as known_from,
    cast(next_received_at as timestamp) as known_until,
    cast(row_count as bigint) as row_count,
    cast(next_delivery_id as varchar) as replaced_by,
    cast(next_state as varchar) as replaced_by_state,
    cast(next_row_count as bigint) as replaced_by_row_count,
    cast(next_row_count - row_count as bigint) as row_difference,
    cast(is_current as boolean) as is_still_current
from ordered
where next_delivery_id is not null
order by feed, part, period, seq
