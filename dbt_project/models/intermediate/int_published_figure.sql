-- One row per published measure and period: its value, or why there is none.
-- Every strategy year stands here, so that a value nobody published yet is seen to be missing.
with
    measures as (
        select measure_id, source_feed from {{ ref("measure_register") }} where method = 'published'
    ),

    years as (
        select 'strategy_year' as period_type, starts_on as period_start, ends_on as period_end
        from {{ ref("strategy_years") }}
    ),

    wanted as (
        select measures.measure_id, years.period_type, years.period_start, years.period_end
        from measures
        cross join years
        union
        select measure_id, period_type, period_start, period_end
        from {{ ref("int_measure_value") }}
    ),

    feeds as (
        select
            feed,
            bool_or(state = 'delivered') as is_delivered,
            bool_or(state = 'refused') as is_refused
        from {{ ref("int_feed_period") }}
        where is_expected_part
        group by feed
    )

select
    wanted.measure_id,
    wanted.period_type,
    wanted.period_start,
    wanted.period_end,
    values_given.event_count,
    values_given.people,
    values_given.rate,
    values_given.rate_lower,
    values_given.rate_upper,
    case
        when values_given.rate is not null
        then null
        when feeds.is_delivered
        then 'not_published'
        when feeds.is_refused
        then 'refused'
        else 'not_supplied'
    end as missing_reason
from wanted
inner join measures on measures.measure_id = wanted.measure_id
left join feeds on feeds.feed = measures.source_feed
left join
    {{ ref("int_measure_value") }} as values_given
    on values_given.measure_id = wanted.measure_id
    and values_given.period_type = wanted.period_type
    and values_given.period_start = wanted.period_start
