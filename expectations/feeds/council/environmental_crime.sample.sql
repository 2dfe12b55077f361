-- A made-up month of reports of environmental crime: about 860 rows, half of them fly-tipping.
-- Noise and graffiti follow the city's disorder and hot nights. 3 % have no ward, 1 % lie next
-- door.
-- Round figures; nobody's statistics.
with
    event as (
        select
            *,
            'plain' as theme,
            weighted(
                ['fly_tipping', 'abandoned_vehicle', 'dog_fouling', 'graffiti'],
                [450, 110, 65, 25],
                u1
            ) as category
        from draw('council/environmental_crime', 650, 'plain')
        union all
        select *, 'disorder' as theme, weighted(['noise', 'graffiti'], [195, 15], u1) as category
        from draw('council/environmental_crime', 210, 'disorder')
    )
select
    ref('council/environmental_crime/' || theme, n) as report_ref,
    day as reported_on,
    category,
    ward_as_recorded(ward_code, u2, unplaced := 0.03, outside := 0.01) as ward_code
from event
order by reported_on, report_ref
