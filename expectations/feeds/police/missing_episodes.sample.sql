-- A made-up month of missing person episodes: about 110 rows. Few children make most of the
-- children's episodes, and keep their pseudonym from month to month. 4 % without a ward and a few of
-- another district; of the children who came back, four in five had an interview.
-- Round figures; nobody's statistics.
with
    episode as (
        select *, '0-17' as age_band, 'child' as kind, 130 as people
        from draw('police/missing_episodes', 72, 'exploitation')
        union all
        select *, '18+' as age_band, 'adult' as kind, 900 as people
        from draw('police/missing_episodes', 40, 'plain')
    ),
    person as (
        select
            *,
            -- Low numbers come often.
            kind || floor(people * power(u1, 2.2))::integer as person,
            u2 < 0.985 as is_returned
        from episode
    )
select
    ref('police/missing_episodes/' || kind, n) as episode_ref,
    'SYN-' || translate(
        left(md5(person || getvariable('seed')), 16), '0123456789abcdef', 'BCDFGHJKLMNPQRST'
    ) as person_key,
    age_band,
    "at" as reported_at,
    if(is_returned, 'Y', 'N') as returned,
    case
        when not is_returned or kind = 'adult' or u3 >= 0.8
        then 'NA'
        when u4 < 0.78
        then printf('%.1f', 4 + 66 * u5)
        else printf('%.1f', 73 + 160 * u5 * u5)
    end as interview_hours,
    ward_as_recorded(ward_code, u6, unplaced := 0.04, outside := 0.03) as ward_code
from person
order by reported_at, episode_ref
