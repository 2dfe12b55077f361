-- One row per feed and month: whether the delivery that holds the month came.
-- A quarterly feed answers for each of its three months, a yearly one for twelve.
select
    feed_period.feed,
    cast(month.month_start as date) as month_start,
    feed_period.state,
    feed_period.received_at
from {{ ref("int_feed_period") }} as feed_period
inner join
    {{ ref("int_month") }} as month
    on month.month_start >= feed_period.period_month
    and month.month_start < feed_period.period_month + to_months(feed_period.months)
where feed_period.is_expected_part and feed_period.period_month is not null
