-- One row per feed, version of its contract and state of the deliveries that count: how many there
-- are, how many gate 1 ran no rule on, and how many have rules that failed or could not be run.
with
    judged as (
        select
            deliveries.feed,
            deliveries.delivery_id,
            deliveries.contract_version,
            deliveries.state,
            count(results.rule) as rules,
            count(*) filter (where results.outcome = 'errored') as errored,
            count(*) filter (
                where results.outcome = 'failed' and results.severity = 'critical'
            ) as failed,
            count(*) filter (
                where results.outcome = 'failed' and results.severity <> 'critical'
            ) as warned
        from governance.deliveries as deliveries
        left join
            governance.gate_results as results
            on results.feed = deliveries.feed
            and results.delivery_id = deliveries.delivery_id
        where deliveries.is_current
        group by all
    )
select
    feed,
    contract_version,
    state,
    count(*) as deliveries,
    count(*) filter (where rules = 0) as without_rules,
    count(*) filter (where errored > 0) as with_errors,
    count(*) filter (where failed > 0) as with_failures,
    count(*) filter (where warned > 0) as with_warnings
from judged
group by feed, contract_version, state
order by feed, contract_version, state
