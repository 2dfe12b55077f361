-- Districts compared on the same public files: only where the measure is exact.
select
    t.* replace (
        if(m.is_exact, t."count", null) as "count",
        if(m.is_exact, t.denominator, null) as denominator,
        if(m.is_exact, t.rate, null) as rate,
        if(m.is_exact, t.rate_lower, null) as rate_lower,
        if(m.is_exact, t.rate_upper, null) as rate_upper,
        if(m.is_exact, t.rank_in_group, null) as rank_in_group
    ),
    case when not m.is_exact then 'derived' end as suppressed,
    false as is_rounded
from peers as t
inner join measure as m on m.measure_id = t.measure_id
order by t.measure_id, t.peer_group, if(m.is_exact, t.rank_in_group, null), t.area_code
