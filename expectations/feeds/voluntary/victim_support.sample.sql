-- A made-up month of referrals to the victim service: about 330 rows by the days of violence, hate
-- and domestic abuse; 3 % without a ward and 3 % in the district next door.
-- Round figures; nobody's statistics.
with
    referral as (
        select *, 'violence' as theme, 'violence' as crime_group
        from draw('voluntary/victim_support', 118, 'violence')
        union all
        select *, 'hate' as theme, 'hate' as crime_group
        from draw('voluntary/victim_support', 17, 'hate')
        union all
        select *, 'domestic' as theme, 'domestic_abuse' as crime_group
        from draw('voluntary/victim_support', 92, 'domestic')
        union all
        select *, 'plain' as theme, weighted(['burglary', 'theft', 'other'], [45, 30, 25], u1)
        from draw('voluntary/victim_support', 100, 'plain')
    )
select
    ref('voluntary/victim_support/' || theme, n) as referral_ref,
    day as referred_on,
    crime_group,
    weighted(
        ['Y', 'N', null], [if(crime_group in ('hate', 'domestic_abuse'), 52, 34), 46, 9], u2
    ) as accepted,
    case when u3 >= 0.06 then ward_code when u3 >= 0.03 then 'E05099999' end as ward_code
from referral
order by referred_on, referral_ref
