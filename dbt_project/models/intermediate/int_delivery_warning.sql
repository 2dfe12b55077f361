-- One row per delivery that counts and rule of gate 1 that it did not pass.
select
    cast(deliveries.feed as varchar) as feed,
    cast(deliveries.part as varchar) as part,
    cast(deliveries.period as varchar) as period,
    {{ month_start("deliveries.first_month") }} as period_start,
    cast(
        {{ month_start("deliveries.first_month") }}
        + to_months(feeds.period_months)
        - interval 1 day as date
    ) as period_end,
    cast(deliveries.delivery_id as varchar) as delivery_id,
    cast(results.rule as varchar) as rule,
    cast(results.severity as varchar) as severity,
    cast(results.sentence as varchar) as sentence,
    cast(results.failing_rows as bigint) as failing_rows
from {{ source("manifest", "gate_results") }} as results
inner join
    {{ source("manifest", "deliveries") }} as deliveries
    on deliveries.feed = results.feed
    and deliveries.delivery_id = results.delivery_id
inner join {{ source("manifest", "feeds") }} as feeds on feeds.feed = deliveries.feed
where deliveries.is_current and results.outcome <> 'passed'
