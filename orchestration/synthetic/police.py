"""Synthetic extracts of police/street_crime: seasonal, uneven between places, made in SQL.

Every draw is a hash of the seed, the month and a running number, so a month has the same bytes
whenever and beside whatever other months it is made.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from orchestration.synthetic.city import City

# Category, mean a month for the whole city, and swing of the summer peak. Round figures chosen to
# give tables and charts a believable shape; they are nobody's statistics.
_CATEGORIES = pd.DataFrame(
    [
        ("Anti-social behaviour", 600, 0.30),
        ("Bicycle theft", 18, 0.35),
        ("Burglary", 120, -0.10),
        ("Criminal damage and arson", 260, 0.12),
        ("Drugs", 90, 0.02),
        ("Other crime", 70, 0.02),
        ("Other theft", 200, 0.08),
        ("Possession of weapons", 40, 0.02),
        ("Public order", 240, 0.15),
        ("Robbery", 40, -0.08),
        ("Shoplifting", 280, -0.05),
        ("Theft from the person", 14, 0.05),
        ("Vehicle crime", 170, -0.06),
        ("Violence and sexual offences", 1150, 0.10),
    ],
    columns=["crime_type", "mean", "swing"],
)

_ROWS = """
with
    category as (select *, row_number() over (order by crime_type) as category from categories),
    -- A few places hold much of the volume: weight falls with the place's rank in a seeded order.
    place as (
        select
            lsoa_2021_code, lsoa_2021_name, longitude, latitude,
            1.0 / power(row_number() over (order by hash(lsoa_2021_code, $seed)), 0.7) as weight
        from lsoa
    ),
    reach as (
        select
            *,
            sum(weight) over (order by lsoa_2021_code) / sum(weight) over () as upto,
            (sum(weight) over (order by lsoa_2021_code) - weight) / sum(weight) over () as above
        from place
    ),
    volume as (
        select
            category, crime_type,
            cast(round(
                mean
                * (1 + swing * cos(2 * pi() * (month($month::date) - 7) / 12.0))
                * (0.94 + 0.12 * (hash($seed, $month, category, 'level') % 1000) / 1000.0)
            ) as bigint) as events
        from category
    ),
    event as (
        select
            category, crime_type, number,
            (hash($seed, $month, category, number, 'place') % 1000000) / 1000000.0 as draw,
            (hash($seed, $month, category, number, 'kind') % 1000) as kind,
            hash($seed, $month, category, number, 'shift') as shift
        from volume, lateral (select unnest(range(events)) as number)
    ),
    located as (
        -- Of a thousand rows 30 have no location and 60 lie in the district next door.
        select event.*,
            case when kind < 30 then 'none' when kind < 90 then 'outside' else 'in' end as located,
            reach.*
        from event
        inner join reach on event.draw >= reach.above and event.draw < reach.upto
    )
select
    case when crime_type <> 'Anti-social behaviour'
        then md5(concat_ws('|', $seed, $month, category, number, 'a'))
            || md5(concat_ws('|', $seed, $month, category, number, 'b')) end as "Crime ID",
    left($month, 7) as "Month",
    $force as "Reported by",
    $force as "Falls within",
    case located when 'in' then printf('%.6f', longitude + ((shift % 7)::int - 3) * 0.0002)
        when 'outside' then printf('%.6f', longitude - 0.15) end as "Longitude",
    case located when 'in' then printf('%.6f', latitude + ((shift // 7 % 7)::int - 3) * 0.0002)
        when 'outside' then printf('%.6f', latitude) end as "Latitude",
    case located when 'none' then 'No Location'
        else 'On or near Synthetic Street ' || (shift % 9 + 1) end as "Location",
    case located when 'in' then lsoa_2021_code when 'outside' then 'E01099999' end as "LSOA code",
    case located when 'in' then lsoa_2021_name when 'outside' then 'Elsewhere 001A' end as "LSOA name",
    crime_type as "Crime type",
    case when crime_type <> 'Anti-social behaviour' then
        case shift % 3 when 0 then 'Under investigation' when 1 then 'Unable to prosecute suspect'
            else 'Investigation complete; no suspect identified' end end as "Last outcome category",
    cast(null as varchar) as "Context"
from located
order by category, number
"""


def write(folder: Path, city: City, months: list[str], seed: int) -> None:
    """Write one file a month into `folder`, named as the publisher names them."""
    with duckdb.connect() as connection:
        connection.register("categories", _CATEGORIES)
        connection.register("lsoa", city.lsoa)
        for month in months:
            path = folder / f"{month}-{city.force_slug}-street.csv"
            target = str(path).replace("'", "''")
            connection.execute(
                f"copy ({_ROWS}) to '{target}' (format csv, header true)",
                {"seed": seed, "month": f"{month}-01", "force": city.force_name},
            )
