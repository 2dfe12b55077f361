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
            max(received_at) filter (where is_current) as received_at,
            min(first_month) as first_month
        from deliveries
        group by feed, part, period
    ),

    owed as (
        select feeds.feed, feeds.expected_part as part, base_period.period
        from feeds
        inner join
            {{ ref("int_base_period") }} as base_period
            on base_period.period_kind = feeds.period_kind
        -- Nothing is owed from before the feed began to be kept.
        where
            feeds.kept_from is null
            or base_period.first_month >= {{ month_start("feeds.kept_from") }}
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
    ),

    dated as (
        select
            every_period.*,
            feeds.period_kind,
            feeds.expected_part,
            feeds.latency_months,
            feeds.period_months,
            {{ month_start("feeds.due_first_month") }} as due_first_month,
            coalesce(
                base_period.first_month, {{ month_start("received.first_month") }}
            ) as period_month,
            received.has_current,
            received.has_refused,
            received.deliveries,
            received.received_at
        from every_period
        inner join feeds on feeds.feed = every_period.feed
        left join
            {{ ref("int_base_period") }} as base_period
            on base_period.period_kind = feeds.period_kind
            and base_period.period = every_period.period
        left join
            received
            on received.feed = every_period.feed
            and received.part = every_period.part
            and received.period = every_period.period
    )

select
    feed,
    part,
    period,
    period_month,
    period_months as months,
    part = expected_part as is_expected_part,
    case
        when has_current
        then 'delivered'
        when has_refused
        then 'refused'
        when period_kind = 'edition'
        then 'missing'
        when period_month <= due_first_month
        then 'missing'
        else 'not_due'
    end as state,
    case
        when period_kind <> 'edition'
        then cast(period_month + to_months(period_months + latency_months) - interval 1 day as date)
    end as due_on,
    coalesce(deliveries, 0) as deliveries,
    received_at
from dated
