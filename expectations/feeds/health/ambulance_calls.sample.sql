-- A made-up month of ambulance calls: about 560. Assaults and stabbings follow the city's violence,
-- alcohol its drinking nights, the rest is plain. 3 % have no ward and 2 % one of the district next
-- door. Round figures; nobody's statistics.
with
    event as (
        select
            *, 'violence' as theme, weighted(['assault', 'stab_gunshot'], [95, 5], u1) as category
        from draw('health/ambulance_calls', 92, 'violence')
        union all
        select *, 'alcohol' as theme, 'alcohol' as category
        from draw('health/ambulance_calls', 65, 'alcohol')
        union all
        select
            *, 'plain' as theme, weighted(['overdose', 'mental_health'], [150, 260], u1) as category
        from draw('health/ambulance_calls', 410, 'plain')
    )
select
    ref(theme, n) as call_ref,
    "at" + to_seconds(cast(floor(u3 * 60) as bigint)) as called_at,
    category,
    case when u2 >= 0.05 then ward_code when u2 >= 0.03 then 'E05099999' end as ward_code
from event
order by called_at, call_ref
