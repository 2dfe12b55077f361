-- A made-up month of outcomes: about 2,350 rows. They are the crimes of street_crime.sample.sql of
-- the same month (same draws, same Crime IDs and places) that are no longer under investigation,
-- which is simpler than life: there, most outcomes are of earlier months.
-- Round figures; nobody's statistics.
with
    event as (
        select *, 'disorder' as theme, u1 < 600 / 1100 as is_incident
        from draw('police/street_crime', 1100, 'disorder')
        union all
        select *, 'violence' as theme, false as is_incident
        from draw('police/street_crime', 1230, 'violence')
        union all
        select *, 'plain' as theme, false as is_incident
        from draw('police/street_crime', 960, 'plain')
    ),
    closed as (
        select
            *,
            lsoa_as_recorded(lsoa_2021_code, u2) as lsoa_code,
            -- In the order of the street-level file's outcomes, and with the same draw.
            weighted(
                [
                    'Investigation complete; no suspect identified',
                    'Unable to prosecute suspect',
                    null,
                    'Suspect charged',
                    weighted(
                        [
                            'Local resolution',
                            'Offender given a caution',
                            'Action to be taken by another organisation'
                        ],
                        [60, 25, 15],
                        u6
                    )
                ],
                [38, 34, 18, 7, 3],
                u5
            ) as outcome_type
        from event
        where not is_incident
    )
select
    sha256(ref(theme, n)) as crime_id,
    asked.period as month,
    area.police_force_name || ' Police' as reported_by,
    area.police_force_name || ' Police' as falls_within,
    case
        when lsoa_code = 'E01099999'
        then printf('%.6f', longitude - 0.15)
        when lsoa_code is not null
        then printf('%.6f', longitude + (floor(u3 * 3) - 1) * 0.0006)
    end as longitude,
    case
        when lsoa_code = 'E01099999'
        then printf('%.6f', latitude)
        when lsoa_code is not null
        then printf('%.6f', latitude + (floor(u4 * 3) - 1) * 0.0004)
    end as latitude,
    case
        when lsoa_code is null
        then 'No Location'
        else 'On or near Synthetic Street ' || (1 + 3 * floor(u3 * 3) + floor(u4 * 3))::integer
    end as location,
    lsoa_code,
    case
        when lsoa_code = 'E01099999'
        then 'Elsewhere 001A'
        when lsoa_code is not null
        then lsoa_2021_name
    end as lsoa_name,
    outcome_type
from closed
cross join asked
cross join area
where outcome_type is not null
order by crime_id
