"""Made-up street files of police.uk, as many rows as are asked for, over the forces of England and Wales.

One file a force and month, in the archive's layout (`2026-08/2026-08-staffordshire-street.csv`), with the
columns of the contract police/street_crime. Rows are written by DuckDB alone. Whatever is drawn comes from
a hash of the seed and the row's number, so the same seed gives the same bytes under the same DuckDB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.contracts.odcs import Contract, load_contract
from orchestration.core import periods, register
from orchestration.core.files import write_json
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.ingest.landing import parts
from orchestration.ingest.transports import SYNTHETIC_MARKER

FEED = "police/street_crime"
# In the publisher's list, but without a territory in England and Wales.
_NOT_TERRITORIAL = ("btp", "northern-ireland")
A_MONTH = 500_000  # rows that all forces publish for a month, roughly
_FEWEST_MONTHS = 3
_LEAST_A_MONTH = 6_000
# The contract wants 200 rows of the partnership's own force; of a real month about one in fifty is its.
_OWN_ROWS, _OWN_SHARE = 400, 0.02
# Percentages, roughly those of a published year.
_CRIME_TYPES = {
    "Anti-social behaviour": 17, "Bicycle theft": 1, "Burglary": 4, "Criminal damage and arson": 8,
    "Drugs": 3, "Other crime": 2, "Other theft": 8, "Possession of weapons": 1, "Public order": 8,
    "Robbery": 1, "Shoplifting": 8, "Theft from the person": 2, "Vehicle crime": 6,
    "Violence and sexual offences": 31,
}  # fmt: skip
_OUTCOMES = (
    "Investigation complete; no suspect identified", "Unable to prosecute suspect",
    "Under investigation", "Awaiting court outcome",
)  # fmt: skip
_LSOAS = 800  # of each force; made up, and above every number that is in use


class TooFewRows(ValueError):
    """So few rows are asked for that gate 1 would rightly refuse the files."""


@dataclass(frozen=True)
class Written:
    """What was written: the months, oldest first, and the rows of each."""

    months: tuple[str, ...]
    rows: tuple[int, ...]


def contract_of(settings: Settings) -> Contract:
    """The contract of the street files."""
    return load_contract(settings.contracts / f"{FEED}.odcs.yaml")


def months_for(settings: Settings, rows: int) -> list[str]:
    """The months, oldest first, that so many rows are published for, and one more that comes later.

    Raises:
        TooFewRows: gate 1 would refuse files with so few rows.
    """
    contract = contract_of(settings)
    newest = contract.due_through(settings.today)
    first = max(register.first_month(settings), contract.kept_from or "")
    known = periods.periods_between(contract.period_kind, first, newest)
    count = min(max(_FEWEST_MONTHS, round(rows / A_MONTH)), len(known) - 1)
    if rows < count * _LEAST_A_MONTH:
        raise TooFewRows(
            f"{rows} rows are too few for {count} months; ask for {count * _LEAST_A_MONTH} or more"
        )
    return known[-count - 1 :]


def write(
    settings: Settings, folder: Path, months: Sequence[str], rows: int, seed: int, first: int = 0
) -> Written:
    """Write `rows` rows over `months` and all forces; `first` is the number of the first row.

    Rows of another number are other rows, so a month that comes later begins where these end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / SYNTHETIC_MARKER, {"synthetic": True, "seed": seed, "faults": []})
    contract = contract_of(settings)
    own = contract.expected_part(settings.partnership)
    counted = dict.fromkeys(months, 0)
    with duckdb.connect(config={"threads": 2}) as connection:
        _prepare(settings, connection, contract, months, rows, seed)
        plan = connection.execute(
            "select month, force, number, name, start, stop from plan order by start"
        ).fetchall()
        for month, force, number, name, start, stop in plan:
            path = folder / month / (contract.sample_name or "").format(period=month, part=force)
            path.parent.mkdir(exist_ok=True)
            query = _file(contract, seed, month, name, number, force == own)
            span = f"range({first + start}, {first + stop}) as row_numbers(n)"
            connection.execute(
                f"copy ({query.format(rows=span)}) to {literal(str(path))} "
                "(format csv, header true, delimiter ',')"
            )
            counted[month] += stop - start
    return Written(tuple(months), tuple(counted.values()))


def _prepare(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    months: Sequence[str],
    rows: int,
    seed: int,
) -> None:
    """Make `plan`, the rows of each file, and `place`, the LSOAs of each force and of the area."""
    own = contract.expected_part(settings.partnership)
    slugs = sorted(parts.listed(settings, contract) - set(_NOT_TERRITORIAL))
    own_share = max(_OWN_SHARE, _OWN_ROWS * len(months) / rows)
    connection.execute(
        f"""
        create table plan as
        with forces as (
            select force, row_number() over (order by force) - 1 as number, coalesce(name, force) as name
            from unnest($slugs) as slugs(force)
            left join read_csv({literal(str(register.table(settings, "delivery_parts")))},
                all_varchar = true, header = true) as known
                on known.part = force and known.listed_in = $list
        ),
        weighed as (
            -- Forces differ fivefold in size, and months by a few in a hundred.
            select month, forces.*,
                (1 + hash(force, $seed) % 5) * (0.96 + hash(force, month, $seed) % 9 / 100.0) as weight
            from forces, unnest($months) as months(month)
        ),
        shared as (
            select *, case when force = $own then $own_share / len($months)
                else (1 - $own_share) * weight / sum(weight) filter (where force <> $own) over () end as share
            from weighed
        ),
        ended as (
            select *, round($rows * sum(share) over (order by month, force))::bigint as stop from shared
        )
        select month, force, number,
            case when name ilike '%police' then name else name || ' Police' end as name,
            coalesce(lag(stop) over (order by month, force), 0) as start, stop
        from ended
        """,
        {
            "slugs": slugs,
            "list": contract.part_list,
            "months": list(months),
            "seed": seed,
            "own": own,
            "own_share": own_share,
            "rows": rows,
        },
    )
    connection.execute(
        f"""
        create table place as
        select number, k, 'E015' || lpad((number * {_LSOAS} + k)::varchar, 5, '0') as code,
            'Made-up ' || lpad((k // 5 + 1)::varchar, 3, '0') || chr((65 + k % 5)::integer) as name,
            -2.8 + number % 8 * 0.4 + k % 40 * 0.008 as longitude,
            51.0 + number // 8 * 0.6 + k // 40 * 0.02 as latitude
        from (select distinct number from plan), range({_LSOAS}) as numbers(k)
        union all
        select -1, row_number() over (order by lsoa_2021_code) - 1, lsoa_2021_code, lsoa_2021_name,
            longitude, latitude
        from read_csv({literal(str(register.table(settings, "area_lsoa_2021")))}, header = true)
        where district_code = {literal(settings.partnership.area_code)}
        """
    )


def _file(contract: Contract, seed: int, month: str, name: str, number: int, is_own: bool) -> str:
    """The query for one file; `{rows}` stands for the numbers of its rows."""
    if set(_CRIME_TYPES) != set(
        next(c for c in contract.columns if c.name == "crime_type").allowed
    ):
        raise ValueError("the contract's crime types are others than those made here; change them")
    edges = [sum(list(_CRIME_TYPES.values())[: i + 1]) for i in range(len(_CRIME_TYPES))]
    kinds = " ".join(
        f"when drawn_kind < {edge} then {literal(kind)}"
        for kind, edge in zip(_CRIME_TYPES, edges, strict=True)
    )
    outcomes = ", ".join(map(literal, _OUTCOMES))
    asb = "kind = 'Anti-social behaviour'"
    said = {
        "crime_id": f"case when not {asb} then sha256('{seed}:' || n) end",
        "month": literal(month),
        "reported_by": literal(name),
        "falls_within": literal(name),
        "longitude": "printf('%.6f', place.longitude + (point % 3 - 1) * 0.0006)",
        "latitude": "printf('%.6f', place.latitude + (point // 3 - 1) * 0.0004)",
        "location": "case when code is null then 'No Location' "
        "else 'On or near Synthetic Street ' || (point + 1) end",
        "lsoa_code": "place.code",
        "lsoa_name": "place.name",
        "crime_type": "kind",
        "last_outcome": f"case when not {asb} then ([{outcomes}])[drawn_outcome] end",
        "context": "null",
    }
    columns = ", ".join(f'{said[c.name]} as "{c.header}"' for c in contract.columns)
    # Of the partnership's own force about one row in four lies in the area.
    area = "drawn_place % 4 = 0" if is_own else "false"
    return f"""
        with drawn as (
            select n, hash(n, {seed}, 1) % 100 as drawn_kind, hash(n, {seed}, 2) as drawn_place,
                (hash(n, {seed}, 3) % 9)::bigint as point,
                (1 + hash(n, {seed}, 4) % 4)::bigint as drawn_outcome,
                hash(n, {seed}, 5) % 100 < 3 as is_unplaced, row_number() over (order by n) as line
            from {{rows}}
        ),
        kinds as (
            -- Every file has incidents and crimes, however short it is.
            select *, case when line = 1 then 'Anti-social behaviour' when line = 2 then 'Burglary'
                {kinds} end as kind,
                case when is_unplaced then null when {area} then -1 else {number} end as place_of
            from drawn
        )
        select {columns}
        from kinds
        left join place on place.number = place_of
            and place.k = drawn_place // 4 % case place_of when -1
                then (select count(*) from place where number = -1) else {_LSOAS} end
        order by kind, n
    """
