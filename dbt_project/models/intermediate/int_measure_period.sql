-- One row per measure and period that it has: the month its last delivery begins in, the rows that
-- its figures lack, and why its number is not known where a delivery is missing, or lacks too
-- much. A month that was not delivered is not
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
    ),

    -- Rows of a kind that may count in a measure, of which nobody knows whether they do.
    doubtful as (
        select
            measure_id,
            period_month,
            sum(left_out_rows) as rows_left_out,
            {{
                too_many_left_out(
                    "sum(left_out_rows)", "(sum(left_out_rows) + coalesce(sum(event_count), 0))"
                )
            }} as is_incomplete
        from {{ ref("int_measure_count") }}
        group by measure_id, period_month
        having sum(left_out_rows) > 0
    ),

    -- What a delivery lacks stands at the first month of its period.
    lacking as (
        select
            wanted.*,
            coalesce(feed_rows.rows_left_out, 0)
            + coalesce(doubtful.rows_left_out, 0) as rows_left_out,
            coalesce(feed_rows.is_incomplete, false)
            or coalesce(doubtful.is_incomplete, false) as is_incomplete
        from
            (
                select
                    *,
                    case
                        when method = 'stock' and periodicity = 'quarter'
                        then cast(date_trunc('quarter', month_start) as date)
                        else month_start
                    end as period_month
                from wanted
            ) as wanted
        left join
            {{ ref("int_rows_left_out") }} as feed_rows
            on feed_rows.feed = wanted.source_feed
            and feed_rows.period_month = wanted.period_month
        left join
            doubtful
            on doubtful.measure_id = wanted.measure_id
            and doubtful.period_month = wanted.period_month
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
        when bool_or(wanted.is_incomplete)
        then 'rows_left_out'
    end as missing_reason,
    sum(wanted.rows_left_out) as rows_left_out
from lacking as wanted
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
