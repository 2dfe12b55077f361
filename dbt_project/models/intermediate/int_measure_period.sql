-- One row per measure and period that it has: the month its last delivery begins in, and why its
-- number is not known where a delivery is missing. A month that was not delivered is not
-- zero: when Devon and Cornwall changed its system in 2022, official statistics showed no crime
-- there, and 106 of 6,480 monthly files are missing (annual-deprivation-index issue #43).
with
    measures as (
        select measure_id, method, periodicity, source_feed from {{ ref("measure_register") }}
    ),

    period_months as (
        select
            period_type,
            period_start,
            month_start,
            max(month_start) over (partition by period_type, period_start) as last_month
        from {{ ref("int_period_month") }}
    ),

    wanted as (
        select
            measures.measure_id,
            measures.method,
            measures.periodicity,
            measures.source_feed,
            period_months.period_type,
            period_months.period_start,
            period_months.month_start,
            period_months.last_month
        from measures
        inner join
            period_months
            on {{
                has_period_type(
                    "measures.periodicity", "measures.method", "period_months.period_type"
                )
            }}
            -- Twelve months of a quarterly measure end where a quarter ends.
            and (
                measures.periodicity <> 'quarter'
                or period_months.period_type <> 'rolling_12m'
                or month(period_months.last_month) in (3, 6, 9, 12)
            )
            -- A stock is what there was at the end: only the last month has to be known.
            and (measures.method <> 'stock' or period_months.month_start = period_months.last_month)
    )

select
    wanted.measure_id,
    wanted.period_type,
    wanted.period_start,
    cast(
        case
            when wanted.periodicity = 'quarter'
            then date_trunc('quarter', wanted.last_month)
            else wanted.last_month
        end as date
    ) as last_base_month,
    case
        when count(*) filter (where feed_month.state = 'refused') > 0
        then 'refused'
        when count(*) filter (where coalesce(feed_month.state, 'missing') = 'missing') > 0
        then 'not_supplied'
        when count(*) filter (where feed_month.state = 'not_due') > 0
        then 'not_yet_due'
    end as missing_reason
from wanted
left join
    {{ ref("int_feed_month") }} as feed_month
    on feed_month.feed = wanted.source_feed
    and feed_month.month_start = wanted.month_start
group by
    wanted.measure_id,
    wanted.period_type,
    wanted.period_start,
    wanted.periodicity,
    wanted.last_month
