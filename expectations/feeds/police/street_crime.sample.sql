-- A made-up month of street-level crime and disorder: about 3,300 rows, more around bonfire night
-- and New Year; 3 % without a location and 6 % in the district next door.
-- Round figures; nobody's statistics.
with
    disorder as (
        select
            *,
            'disorder' as theme,
            weighted(
                ['Anti-social behaviour', 'Criminal damage and arson', 'Public order'],
                [600, 260, 240],
                u1
            ) as crime_type
        from draw('police/street_crime', 1100, 'disorder')
    ),
    violence as (
        select
            *,
            'violence' as theme,
            weighted(
                ['Violence and sexual offences', 'Possession of weapons', 'Robbery'],
                [1150, 40, 40],
                u1
            ) as crime_type
        from draw('police/street_crime', 1230, 'violence')
    ),
    acquisitive as (
        select
            *,
            'plain' as theme,
            weighted(
                [
                    'Bicycle theft',
                    'Burglary',
                    'Drugs',
                    'Other crime',
                    'Other theft',
                    'Shoplifting',
                    'Theft from the person',
                    'Vehicle crime'
                ],
                [18 * (1 + 0.35 * summer(day)), 120, 90, 70, 200, 280, 14, 170],
                u1
            ) as crime_type
        from draw('police/street_crime', 960, 'plain')
    ),
    event as (
        select *
        from disorder
        union all
        select *
        from violence
        union all
        select *
        from acquisitive
    ),
    located as (select *, lsoa_as_recorded(lsoa_2021_code, u2) as lsoa_code from event)
select
    case when crime_type <> 'Anti-social behaviour' then sha256(ref(theme, n)) end as crime_id,
    asked.period as month,
    area.police_force_name || ' Police' as reported_by,
    area.police_force_name || ' Police' as falls_within,
    -- The publisher moves every place to one of a fixed list of points: here nine an LSOA.
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
    crime_type,
    case
        when crime_type <> 'Anti-social behaviour'
        then
            weighted(
                [
                    'Investigation complete; no suspect identified',
                    'Unable to prosecute suspect',
                    'Under investigation',
                    'Awaiting court outcome',
                    'Local resolution'
                ],
                [38, 34, 18, 7, 3],
                u5
            )
    end as last_outcome,
    null as context
from located
cross join asked
cross join area
order by crime_type, n
