-- A made-up quarter of the MARAC: about 115 cases in fortnightly conferences. A case's victim is
-- drawn from the same thousand people in every quarter, some of them far more often, so three cases
-- in ten repeat a pair of the twelve months before; one case in nine has another perpetrator than
-- the victim's usual one. Round figures; nobody's statistics.
with
    drawn as (
        select
            *,
            day as case_day,
            floor(1000 * power(u1, 1.3))::integer as victim,
            case when u2 < 0.11 then 1 + floor(u3 * 3)::integer else 0 end as other_perpetrator
        from draw('partnership/marac_cases', 38, 'domestic')
    ),

    -- Conferences are on Thursdays: a case waits for none, so it is heard on the last one, or on
    -- the
    -- first of the quarter.
    heard as (
        select
            drawn.*,
            asked.seed,
            date '2023-01-05'
            + 14 * floor((case_day - date '2023-01-05') / 14.0)::integer as conference,
            asked.period_start
        from drawn
        cross join asked
    )
select
    ref('partnership/marac_cases', n) as case_ref,
    if(conference < period_start, conference + 14, conference) as heard_on,
    'SYN-' || left(sha256(concat_ws(' ', seed, 'victim', victim)), 20) as victim_key,
    'SYN-' || left(
        sha256(concat_ws(' ', seed, 'perpetrator', victim, other_perpetrator)), 20
    ) as perpetrator_key,
    weighted(['F', 'M', 'U'], [945, 50, 5], always_u(victim, 'victim sex')) as victim_sex,
    weighted(
        [
            'police',
            'voluntary',
            'health',
            'childrens_services',
            'housing',
            'probation',
            'adult_services',
            'other'
        ],
        [64, 12, 8, 5, 4, 3, 2, 2],
        u4
    ) as referred_by,
    weighted(
        [0, 1, 2, 3, 4, 5], [38, 24, 22, 10, 4, 2], always_u(victim, 'children')
    ) as children_in_household,
    weighted(
        ['white', 'asian', 'black', 'mixed', 'other', 'not_stated'],
        [78, 9, 3, 3, 2, 5],
        always_u(victim, 'ethnicity')
    ) as ethnicity_group,
    weighted(['N', 'Y', null], [84, 10, 6], always_u(victim, 'disability')) as disability,
    weighted(['N', 'Y', null], [90, 2, 8], always_u(victim, 'lgbt')) as lgbt
from heard
order by heard_on, case_ref
