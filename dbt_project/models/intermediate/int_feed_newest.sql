-- One row per feed: its newest delivered month and the day its newest delivery came.
select
    feeds.feed,
    feeds.provisional_months,
    max(feed_month.month_start) filter (where feed_month.state = 'delivered') as newest_month,
    cast(coalesce(max(feed_month.received_at), max(deliveries.received_at)) as date) as data_as_at
from {{ source("manifest", "feeds") }} as feeds
left join {{ ref("int_feed_month") }} as feed_month on feed_month.feed = feeds.feed
left join
    (
        select feed, max(received_at) as received_at
        from {{ source("manifest", "deliveries") }}
        where is_current
        group by feed
    ) as deliveries
    on deliveries.feed = feeds.feed
group by feeds.feed, feeds.provisional_months
