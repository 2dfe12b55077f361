-- One row per strategy year and month of the year so far: from April to the last month that at
-- least
-- half of the feeds with months have delivered, and the same months of every other year.
with
    newest as (
        select quantile_disc(feeds.newest_month, 0.5) as month_start
        from {{ ref("int_feed_newest") }} as feeds
        where
            feeds.newest_month is not null
            and feeds.feed
            in (select source_feed from {{ ref("measure_register") }} where periodicity = 'month')
    )

select cast(make_date(months.strategy_start_year, 4, 1) as date) as period_start, months.month_start
from {{ ref("int_month") }} as months
inner join newest on (month(months.month_start) + 8) % 12 <= (month(newest.month_start) + 8) % 12
