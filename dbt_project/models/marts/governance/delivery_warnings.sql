-- One row per warning of gate 1 about a delivery that counts: what to know beside a figure of its
-- feed and period. Where a measure comes from is in marts.dim_measure.
select
    feed,
    part,
    period,
    period_start,
    period_end,
    delivery_id,
    rule,
    severity,
    sentence,
    failing_rows
from {{ ref("int_delivery_warning") }}
order by feed, part, period, rule
