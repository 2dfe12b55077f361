-- A made-up quarter of adult safeguarding enquiries: about 410 rows, five in six of them under
-- section 42. Self-neglect is one in ten. There is no place but its kind.
-- Round figures; nobody's statistics.
with
    event as (
        select *, 'plain' as theme
        from draw('council/adult_safeguarding', 120, 'plain')
        union all
        select *, 'domestic' as theme
        from draw('council/adult_safeguarding', 16, 'domestic')
    )
select
    ref('council/adult_safeguarding/' || theme, n) as enquiry_ref,
    day as started_on,
    if(u1 < 0.83, 'section_42', 'other') as enquiry_type,
    case
        when theme = 'domestic'
        then 'domestic_abuse'
        else
            weighted(
                [
                    'neglect',
                    'physical',
                    'psychological',
                    'financial',
                    'self_neglect',
                    'organisational',
                    'sexual',
                    'discriminatory',
                    'sexual_exploitation',
                    'modern_slavery'
                ],
                [33, 20, 12, 14, 11, 5, 3, 0.6, 0.8, 0.6],
                u2
            )
    end as abuse_type,
    case
        when theme = 'domestic'
        then weighted(['own_home', 'in_the_community'], [92, 8], u3)
        else
            weighted(
                [
                    'own_home',
                    'care_home_residential',
                    'care_home_nursing',
                    'hospital',
                    'mental_health_hospital',
                    'community_service',
                    'in_the_community',
                    'other',
                    null
                ],
                [45, 22, 12, 5, 2, 4, 5, 3, 2],
                u3
            )
    end as location,
    weighted(
        ['18-64', '65-74', '75-84', '85-94', '95+', null],
        if(theme = 'domestic', [74, 14, 8, 2, 0, 2], [37, 14, 23, 20, 4, 2]),
        u4
    ) as age_band
from event
order by started_on, enquiry_ref
