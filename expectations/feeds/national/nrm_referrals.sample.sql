-- A made-up calendar quarter of the National Referral Mechanism: about 33 referrals by first
-- responders of the area, two in five of children, and some four reports under the duty to notify.
-- Round figures; nobody's statistics.
with
    report as (
        select 'referral' as consent, if(u1 < 0.42, 'child', 'adult') as age_group, u2, u3, u4
        from draw('national/nrm_referrals', 11, 'exploitation')
        union all
        select 'duty_to_notify', 'adult', u2, u3, u4
        from draw('national/nrm_referrals/duty_to_notify', 1.3, 'exploitation')
    ),
    typed as (
        select
            *,
            weighted(
                [
                    'criminal',
                    'labour',
                    'sexual',
                    'combination',
                    'domestic_servitude',
                    'not_specified'
                ],
                if(age_group = 'child', [60, 8, 14, 13, 1, 4], [22, 44, 15, 13, 3, 3]),
                u2
            ) as exploitation_type
        from report
    )
select
    consent,
    age_group,
    exploitation_type,
    if(
        u3 < case
            exploitation_type
            when 'criminal'
            then if(age_group = 'child', 0.55, 0.3)
            when 'combination'
            then 0.2
            else 0
        end,
        'Y',
        'N'
    ) as county_lines_flag,
    weighted(
        ['police', 'local_authority', 'home_office', 'third_sector', 'other'],
        if(age_group = 'child', [36, 56, 1, 5, 2], [46, 8, 28, 14, 4]),
        u4
    ) as first_responder,
    count(*) as referrals
from typed
group by all
order by all
