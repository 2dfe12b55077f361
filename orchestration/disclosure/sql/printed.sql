-- The places with the rules of their measures and the populations of their rates.
with
    -- The population of a rate is public knowledge, unless it is one of the measure's own counts.
    known_people as (
        select
            m.denominator_group,
            f.area_type,
            f.area_code,
            f.period_type,
            f.period_start,
            max(f.denominator) as people
        from people as f
        inner join measure as m on m.measure_id = f.measure_id
        where m.denominator_group <> 'own'
        group by all
    )
select
    cell_of(e.measure_id, e.area_type, e.area_code, e.period_type, e.period_start) as cell,
    e.source,
    e.measure_id,
    e.area_type,
    e.area_code,
    e.period_type,
    cast(e.period_start as date) as period_start,
    cast(e.shown as bigint) as shown,
    case when m.has_base and e.area_code <> '' then cast(e.shown_base as bigint) end as shown_base,
    e.rate,
    e.rate_limit,
    e.reason,
    -- No profile is exact: its rows say whether any of their counts was rounded.
    coalesce(e.is_rounded, false) or r.of_profile as is_rounded,
    coalesce(e.shown_base, own.denominator, k.people) as people,
    m.has_base and e.area_code <> '' as has_base,
    m.rate_per,
    m.method,
    r.suppress_to,
    r.round_to,
    r.least_width,
    r.is_exact,
    m.finest,
    m.only_years,
    cast(null as bigint) as shown_first
from place as e
inner join measure as m on m.measure_id = e.measure_id
inner join
    measure_rule as r on r.measure_id = e.measure_id and r.of_profile = is_profile(e.area_type)
left join
    figures as own
    on own.measure_id = e.measure_id
    and own.area_type = e.area_type
    and own.area_code = e.area_code
    and own.period_type = e.period_type
    and own.period_start = e.period_start
left join
    known_people as k
    on k.denominator_group = m.denominator_group
    and k.area_type = e.area_type
    and k.area_code = e.area_code
    and k.period_type = e.period_type
    and k.period_start = e.period_start
