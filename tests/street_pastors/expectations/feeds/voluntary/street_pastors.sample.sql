-- A made-up month of patrols: about 60, one in twenty without a ward.
-- Round figures; nobody's statistics.
select
    ref('voluntary/street_pastors', n) as patrol_ref,
    day as patrolled_on,
    5 + cast(floor(u1 * 20) as integer) as people_helped,
    cast(floor(u2 * 5) as integer) as first_aid,
    case when u3 >= 0.05 then ward_code end as ward_code
from draw('voluntary/street_pastors', 60, 'alcohol')
order by patrolled_on, patrol_ref
