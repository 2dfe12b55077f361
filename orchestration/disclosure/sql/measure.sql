-- One row per measure of `methods`, with its rule.
with
    named as (
        select m.*, coalesce(r.rule_id, $strictest) as rule_id
        from methods as m
        left join rules as r on r.rule_id = m.disclosure_rule
    )
select
    named.measure_id,
    named.method,
    named.source_feed,
    named.periodicity,
    named.polarity,
    named.rate_per,
    named.denominator as denominator_group,
    named.method = 'proportion' as has_base,
    fineness(named.lowest_publishable_geography) as finest,
    case when named.published_by_law then 0 else r.suppress_to end as suppress_to,
    case when named.published_by_law then 1 else r.round_to end as round_to,
    case when named.published_by_law then 0 else r.least_width end as least_width,
    not named.published_by_law and r.periods = 'strategy_year' as only_years,
    named.published_by_law or (r.suppress_to = 0 and r.round_to = 1) as is_exact
from named
inner join rules as r on r.rule_id = named.rule_id
