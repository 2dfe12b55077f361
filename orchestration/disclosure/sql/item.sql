-- The bounds of everything that is printed, per cell and item. A share may be hidden as small
-- because of its count, its base or the rest: the attacker is assumed to know which. Where a
-- printed value is false the bounds still admit the truth, so that the rest of the attack can go
-- on.
with
    place as (
        select distinct cell, measure_id, area_type, area_code, period_type, period_start, has_base
        from printed
    ),
    every as (
        select
            place.* exclude (has_base),
            unnest(if(has_base, ['count', 'base', 'rest'], ['count'])) as item
        from place
        union all
        select distinct place.* exclude (has_base), 'first'
        from place
        inner join truth as t on t.cell = place.cell and t.item = 'first' and t.value is not null
    ),
    bound as (
        select cell, item, max(low) as low, min(high) as high from reading group by cell, item
    ),
    hidden as (
        select cell, bool_or(reason = 'small') as is_small
        from reading
        where item = 'count' and seen is null and reason is not null
        group by cell
    ),
    together as (
        select
            e.*,
            t.value,
            t.is_exact,
            t.least_width,
            coalesce(
                h.is_small and e.item <> 'first' and t.value between 1 and t.suppress_to, false
            ) as is_granted,
            coalesce(b.low, 0) as read_low,
            b.high as read_high,
            t.suppress_to
        from every as e
        left join bound as b on b.cell = e.cell and b.item = e.item
        left join hidden as h on h.cell = e.cell
        left join truth as t on t.cell = e.cell and t.item = e.item
    ),
    granted as (
        select
            *,
            if(is_granted, greatest(read_low, 1), read_low) as g_low,
            if(
                is_granted, least(coalesce(read_high, suppress_to), suppress_to), read_high
            ) as g_high
        from together
    )
select
    * exclude (g_low, g_high),
    least(g_low, coalesce(value, g_low)) as low,
    case when g_high is not null then greatest(g_high, coalesce(value, g_high)) end as high,
    coalesce(not is_exact and least_width > 0 and value between 1 and 7, false) as is_target
from granted
order by cell, item
