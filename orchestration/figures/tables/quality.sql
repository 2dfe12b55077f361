-- One row per feed: deliveries and rules of gate 1, and rows that staging rejected. Counts only.
with
    rules as (
        select
            feed,
            count(*) as rules_run,
            count(*) filter (where outcome = 'failed') as rules_failed,
            count(*) filter (where outcome = 'errored') as rules_errored
        from governance.gate_results
        group by feed
    ),
    rejected as (
        select feed, count(*) as rows_rejected from governance.rejected_rows group by feed
    ),
    delivered as (
        select
            feed,
            count(*) as deliveries,
            count(*) filter (where state <> 'passed') as set_aside,
            sum(row_count) filter (where is_current) as row_count
        from governance.deliveries
        group by feed
    ),
    ledger as (
        select feed, sum(unexplained_difference) as unexplained
        from governance.reconciliation
        group by feed
    )
select
    feeds.feed,
    feeds.title,
    feeds.owner,
    coalesce(delivered.deliveries, 0) as deliveries,
    coalesce(delivered.set_aside, 0) as set_aside,
    coalesce(delivered.row_count, 0) as row_count,
    coalesce(rules.rules_run, 0) as rules_run,
    coalesce(rules.rules_failed, 0) as rules_failed,
    coalesce(rules.rules_errored, 0) as rules_errored,
    coalesce(rejected.rows_rejected, 0) as rows_rejected,
    coalesce(ledger.unexplained, 0) as unexplained,
    -- In classes, since the exact numbers are counts of events that happened to people.
    case
        when coalesce(rejected.rows_rejected, 0) = 0
        then 'none'
        when rejected.rows_rejected < 0.01 * (delivered.row_count + rejected.rows_rejected)
        then 'under_1_percent'
        when rejected.rows_rejected < 0.05 * (delivered.row_count + rejected.rows_rejected)
        then '1_to_5_percent'
        else 'over_5_percent'
    end as share_rejected
from governance.feeds as feeds
left join delivered on delivered.feed = feeds.feed
left join rules on rules.feed = feeds.feed
left join rejected on rejected.feed = feeds.feed
left join ledger on ledger.feed = feeds.feed
order by feeds.feed
