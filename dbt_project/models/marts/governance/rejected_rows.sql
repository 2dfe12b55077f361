-- One row per row that staging rejected, with the reason; the row itself stays in raw.
select
    cast(feed as varchar) as feed,
    cast(delivery_id as varchar) as delivery_id,
    cast(line_number as bigint) as line_number,
    cast(reject_reason as varchar) as reject_reason
from {{ ref("int_staged_row") }}
where reject_reason is not null
order by feed, delivery_id, line_number
