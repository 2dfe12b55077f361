-- One row per item of prescribed information and quarter: what a partner owed, from which day, and
-- what became of it.
-- Source: Crime and Disorder (Prescribed Information) Regulations 2007 (SI 2007/1831), reg. 3: an
-- information period is three months; what belongs to it is disclosed by the end of the next one.
with
    quarters as (
        select
            period,
            first_month as period_start,
            cast(first_month + interval 3 month - interval 1 day as date) as period_end,
            cast(first_month + interval 6 month - interval 1 day as date) as due_on
        from {{ ref("int_base_period") }}
        where
            period_kind = 'quarter'
            and first_month >= (select min(starts_on) from {{ ref("strategy_years") }})
    ),

    -- The first good delivery of every period: a later correction does not make it late.
    first_good as (
        select feed, part, period, min(received_at) as first_received_at
        from {{ source("manifest", "deliveries") }}
        where state = 'passed'
        group by feed, part, period
    ),

    feed_months as (
        select
            feed_period.feed,
            cast(month.month_start as date) as month_start,
            feed_period.state,
            first_good.first_received_at,
            feed_period.months
        from {{ ref("int_feed_period") }} as feed_period
        inner join
            {{ ref("int_month") }} as month
            on month.month_start >= feed_period.period_month
            and month.month_start < feed_period.period_month + to_months(feed_period.months)
        left join
            first_good
            on first_good.feed = feed_period.feed
            and first_good.part = feed_period.part
            and first_good.period = feed_period.period
        where feed_period.is_expected_part
    ),

    -- A quarter before the warehouse was first fed cannot be judged late.
    began as (
        select cast(min(received_at) as date) as ledger_began
        from {{ source("manifest", "deliveries") }}
    ),

    supplied as (
        select
            items.paragraph,
            quarters.period,
            count(*) filter (where feed_months.state = 'delivered') as months_delivered,
            count(*) filter (where feed_months.state = 'refused') as months_refused,
            max(feed_months.months) as feed_period_months,
            cast(max(feed_months.first_received_at) as date) as complete_on
        from {{ ref("prescribed_items") }} as items
        cross join quarters
        left join
            feed_months
            on feed_months.feed = items.feed
            and feed_months.month_start between quarters.period_start and quarters.period_end
        group by 1, 2
    ),

    blanks as (
        select
            blank_fields.feed,
            base_period.period,
            sum(blank_fields.row_count) as row_count,
            sum(blank_fields.rows_with_blank) as rows_with_blank
        from {{ ref("int_prescribed_blank") }} as blank_fields
        inner join
            quarters as base_period
            on blank_fields.period_month between base_period.period_start and base_period.period_end
        group by 1, 2
    )

select
    cast(items.paragraph as varchar) as paragraph,
    cast(items.partner as varchar) as partner,
    cast(items.information as varchar) as information,
    cast(items.feed as varchar) as feed,
    cast(quarters.period as varchar) as period,
    cast(quarters.period_start as date) as period_start,
    cast(quarters.period_end as date) as period_end,
    cast(quarters.due_on as date) as due_on,
    cast(
        case
            when coalesce(supplied.feed_period_months, 0) > 3
            then 'other_cycle'
            when supplied.months_delivered = 3 and quarters.due_on < began.ledger_began
            then 'delivered_before_ledger'
            when supplied.months_delivered = 3 and supplied.complete_on <= quarters.due_on
            then 'on_time'
            when supplied.months_delivered = 3
            then 'late'
            when quarters.period_end > run.owed_through
            then 'not_yet_owed'
            when supplied.months_refused > 0
            then 'refused'
            when supplied.months_delivered > 0
            then 'incomplete'
            else 'missing'
        end as varchar
    ) as state,
    cast(supplied.months_delivered as integer) as months_delivered,
    cast(
        case when supplied.months_delivered = 3 then supplied.complete_on end as date
    ) as complete_on,
    cast(blanks.row_count as bigint) as row_count,
    cast(blanks.rows_with_blank as bigint) as rows_with_blank_fields,
    cast(
        blanks.rows_with_blank / nullif(cast(blanks.row_count as double), 0) as double
    ) as share_with_blank_fields,
    cast(items.verified as varchar) as verified
from {{ ref("prescribed_items") }} as items
cross join quarters
cross join began
cross join {{ source("manifest", "run") }} as run
inner join supplied on supplied.paragraph = items.paragraph and supplied.period = quarters.period
left join blanks on blanks.feed = items.feed and blanks.period = quarters.period
order by quarters.period_start, items.paragraph
