-- One row per feed, part and reason for which rows of its current deliveries are rejected.
with
    delivered as (
        select feed, part, sum(row_count) as rows_delivered
        from {{ ref("deliveries") }}
        where is_current
        group by feed, part
    ),

    rejected as (
        select
            deliveries.feed,
            deliveries.part,
            rejected_rows.reject_reason,
            count(distinct deliveries.delivery_id) as deliveries,
            count(*) as rows_rejected
        from {{ ref("rejected_rows") }} as rejected_rows
        inner join
            {{ ref("deliveries") }} as deliveries
            on deliveries.feed = rejected_rows.feed
            and deliveries.delivery_id = rejected_rows.delivery_id
        group by deliveries.feed, deliveries.part, rejected_rows.reject_reason
    )

select
    cast(rejected.feed as varchar) as feed,
    cast(rejected.part as varchar) as part,
    cast(rejected.reject_reason as varchar) as reject_reason,
    cast(rejected.deliveries as bigint) as deliveries,
    cast(rejected.rows_rejected as bigint) as rows_rejected,
    cast(delivered.rows_delivered as bigint) as rows_delivered,
    cast(rejected.rows_rejected as double) / delivered.rows_delivered as share
from rejected
inner join delivered on delivered.feed = rejected.feed and delivered.part = rejected.part
order by feed, part, rows_rejected desc, reject_reason
