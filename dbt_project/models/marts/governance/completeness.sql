-- One row per feed, part and period: delivered, refused, missing or not due.
select
    cast(feed_period.feed as varchar) as feed,
    cast(feed_period.part as varchar) as part,
    cast(feed_period.period as varchar) as period,
    cast(feed_period.period_month as date) as period_start,
    cast(
        feed_period.period_month + to_months(feed_period.months) - interval 1 day as date
    ) as period_end,
    cast(feed_period.state as varchar) as state,
    cast(feed_period.is_expected_part as boolean) as is_expected_part,
    cast(feed_period.due_on as date) as due_on,
    cast(feed_period.deliveries as integer) as deliveries,
    cast(feed_period.received_at as timestamp) as received_at
from {{ ref("int_feed_period") }} as feed_period
order by feed, part, period
