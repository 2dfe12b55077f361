-- A made-up month of fire and rescue incidents: about 170 rows, some 240 in November. Deliberate
-- fires and malicious calls follow the city's fire days, violence against staff its disorder; the
-- rest is plain. 1 % cannot be placed and 3 % lie in the district next door.
-- Round figures; nobody's statistics.
with
    event as (
        select
            *,
            'fire' as theme,
            weighted(
                [
                    'deliberate_secondary_fire',
                    'deliberate_primary_fire_vehicle',
                    'deliberate_primary_fire_not_vehicle',
                    'malicious_false_alarm'
                ],
                [40, 8, 7, 10],
                u1
            ) as incident_type
        from draw('fire/incidents', 65, 'fire')
        union all
        select *, 'disorder' as theme, 'violence_against_staff' as incident_type
        from draw('fire/incidents', 2, 'disorder')
        union all
        select
            *,
            'plain' as theme,
            weighted(
                ['other_false_alarm', 'accidental_dwelling_fire', 'dwelling_fire_no_smoke_alarm'],
                [85, 12, 4],
                u1
            ) as incident_type
        from draw('fire/incidents', 101, 'plain')
    )
select
    ref(theme, n) as incident_number,
    "at" as call_time,
    incident_type,
    case
        when incident_type like '%dwelling_fire%'
        then weighted(['House', 'Flat or maisonette', 'Supported living'], [70, 25, 5], u2)
        when incident_type = 'deliberate_primary_fire_vehicle'
        then weighted(['Car', 'Van', 'Motorcycle'], [70, 15, 15], u2)
        when incident_type = 'deliberate_secondary_fire'
        then
            weighted(
                ['Refuse or bin', 'Grassland', 'Derelict building', 'Other outdoor'],
                [55, 25, 8, 12],
                u2
            )
        when incident_type <> 'violence_against_staff'
        then weighted(['Shop or office', 'School', 'Garage or shed', 'House'], [40, 10, 20, 30], u2)
    end as property_type,
    case
        when incident_type like 'deliberate%'
        then
            weighted(
                ['Deliberate: others’ property', 'Deliberate: own property', 'Not known'],
                [75, 5, 20],
                u3
            )
        when incident_type = 'accidental_dwelling_fire'
        then 'Accidental'
    end as motive,
    lsoa_as_recorded(lsoa_2021_code, u4, unplaced := 0.01, outside := 0.03) as lsoa_code,
    case
        when incident_type like '%fire%' and incident_type <> 'deliberate_secondary_fire'
        then weighted([0, 1, 2, 3], [88, 9, 2, 1], u5)
        else 0
    end as casualties,
    case
        when incident_type = 'dwelling_fire_no_smoke_alarm'
        then 'N'
        when incident_type = 'accidental_dwelling_fire'
        then if(u6 < 0.95, 'Y', 'N')
    end as smoke_alarm_fitted
from event
order by call_time, incident_number
