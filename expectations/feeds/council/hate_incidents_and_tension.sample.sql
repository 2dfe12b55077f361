-- A made-up month of hate incidents and tension reports: about 60 rows, three times as many in
-- August 2024. One incident in twelve has two strands. 4 % have no ward, 1 % lie next door; one
-- source has an accent, because the council's system writes Latin-1.
-- Round figures; nobody's statistics.
with
    event as (
        select *, 'hate_incident' as kind
        from draw('council/hate_incidents', 43, 'hate')
        union all
        select *, 'tension_report' as kind
        from draw('council/tension_reports', 17, 'hate')
    )
select
    ref('council/' || kind, n) as record_ref,
    day as recorded_on,
    kind,
    case
        when kind = 'hate_incident' or u1 < 0.45
        then
            weighted(
                [
                    'race',
                    'religion',
                    'sexual_orientation',
                    'disability',
                    'transgender',
                    'race;religion',
                    'sexual_orientation;transgender'
                ],
                [58, 11, 12, 9, 3, 6, 1],
                u2
            )
    end as strands,
    case
        when kind = 'tension_report'
        then weighted(['experienced', 'evidenced', 'potential'], [35, 25, 40], u3)
    end as eep,
    case
        when kind = 'hate_incident'
        then
            weighted(
                [
                    'School',
                    'Third-party reporting centre',
                    'Housing office',
                    'Online form',
                    'Community café'
                ],
                [36, 22, 18, 18, 6],
                u4
            )
        else
            weighted(
                ['Neighbourhood wardens', 'Faith forum', 'Youth service', 'Community café'],
                [40, 20, 25, 15],
                u4
            )
    end as source,
    ward_as_recorded(ward_code, u5, unplaced := 0.04, outside := 0.01) as ward_code
from event
order by recorded_on, record_ref
