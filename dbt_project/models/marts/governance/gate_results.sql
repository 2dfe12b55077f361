-- One row per delivery and rule of its contract: how gate 1 judged it.
select
    cast(feed as varchar) as feed,
    cast(delivery_id as varchar) as delivery_id,
    cast(rule as varchar) as rule,
    cast(severity as varchar) as severity,
    cast(outcome as varchar) as outcome,
    cast(sentence as varchar) as sentence,
    cast(failing_rows as bigint) as failing_rows
from {{ source("manifest", "gate_results") }}
order by feed, delivery_id, rule
