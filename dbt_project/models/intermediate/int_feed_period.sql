-- One row per feed, part and period: what was owed and what became of it.
with
    feeds as (select * from {{ source("manifest", "feeds") }}),

    deliveries as (select * from {{ source("manifest", "deliveries") }}),

    received as (
        select
            feed,
            part,
            period,
            count(*) as deliveries,
            bool_or(is_current) as has_current,
            bool_or(state in ('refused', 'errored')) as has_refused,
            max(received_at) filter (where is_current) as received_at
        from deliveries
        group by feed, part, period
    ),

    owed as (
        select
            feeds.feed, feeds.expected_part as part, strftime(month.month_start, '%Y-%m') as period
        from feeds
        cross join {{ ref("int_month") }} as month
        where feeds.period_kind = 'month'
    ),

    -- A feed of editions owes one: any edition that was delivered answers for it.
    owed_editions as (
        select feeds.feed, feeds.expected_part as part, 'any edition' as period
        from feeds
        where
            feeds.period_kind = 'edition'
            and not exists (
                select 1
                from received
                where received.feed = feeds.feed and received.part = feeds.expected_part
            )
    ),

    every_period as (
        select feed, part, period
        from owed
        union
        select feed, part, period
        from owed_editions
        union
        select feed, part, period
        from received
    )

select
    every_period.feed,
    every_period.part,
    every_period.period,
    case
        when feeds.period_kind = 'month' then {{ month_start("every_period.period") }}
    end as period_month,
    every_period.part = feeds.expected_part as is_expected_part,
    case
        when received.has_current
        then 'delivered'
        when received.has_refused
        then 'refused'
        when feeds.period_kind = 'edition'
        then 'missing'
        when every_period.period <= feeds.due_through
        then 'missing'
        else 'not_due'
    end as state,
    case
        when feeds.period_kind = 'month'
        then
            cast(
                {{ month_start("every_period.period") }}
                + to_months(feeds.latency_months + 1)
                - interval 1 day as date
            )
    end as due_on,
    coalesce(received.deliveries, 0) as deliveries,
    received.received_at
from every_period
inner join feeds on feeds.feed = every_period.feed
left join
    received
    on received.feed = every_period.feed
    and received.part = every_period.part
    and received.period = every_period.period
