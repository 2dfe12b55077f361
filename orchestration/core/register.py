"""The register: every table that holds a partnership's decisions, assembled from its layers.

    seeds/register, seeds/areas      shipped defaults, the same for every partnership
    the partnership's folder         the one that CSP_PARTNERSHIP names, or the shipped one of the area
    CSP_HOME/partnership             what was recorded here; only while CSP_PARTNERSHIP is not set

A table is a CSV file of the same name in any of them. A row of a later layer replaces the row of the
same key (the first `unique_together` of the table in `seeds/_seeds.yml`); a new key is added at the end.
A later layer's `partnership.yaml` can leave rows out: `leave_out: {series_breaks: [disorder_2024]}`, with
a list for a key of several columns, or `all` for every row of the layers before.

The result is written to `CSP_HOME/warehouse/seeds`, without subfolders and with the same bytes each
time: dbt reads its seeds there, and nothing is ever written into the checkout.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from orchestration.core import plain_yaml, records
from orchestration.core.engine import connect
from orchestration.core.files import replacing, sha256_of, write_text
from orchestration.core.settings import IDENTITY, Settings, SettingsError, read_partnership
from orchestration.core.sql import literal

PARTNERSHIPS, PROPERTIES, STAMP = "partnerships", "_seeds.yml", "assembled.json"
WAIVERS, ALERTS = "waivers.yaml", "alerts.yaml"
_ALL = "all"
_BESIDE = {IDENTITY, WAIVERS, ALERTS, "README.md"}  # what a folder may hold besides tables
_PARTS = ("areas", "register")


@dataclass(frozen=True)
class StrategyYear:
    """A year of the strategy (`strategy`), or the preceding year for comparison (`baseline`)."""

    label: str
    starts_on: date
    ends_on: date
    role: str


def strategy_years(settings: Settings) -> list[StrategyYear]:
    """The baseline year and the years of the strategy, in order.

    Raises:
        SettingsError: there is none, or a date cannot be read.
    """
    with table(settings, "strategy_years").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    try:
        years = [
            StrategyYear(
                row["strategy_year"],
                date.fromisoformat(row["starts_on"]),
                date.fromisoformat(row["ends_on"]),
                row["role"],
            )
            for row in rows
        ]
    except (KeyError, TypeError, ValueError):
        raise SettingsError(
            "strategy_years.csv has no role or a day that cannot be read; write days as 2026-03-31"
        ) from None
    if not any(year.role == "strategy" for year in years):
        raise SettingsError(
            f"{_name(settings)} has no strategy year; list them in strategy_years.csv"
        )
    return sorted(years, key=lambda year: year.starts_on)


def first_month(settings: Settings) -> str:
    """The earliest month used for comparison, such as the first of the baseline year: `yyyy-mm`."""
    return strategy_years(settings)[0].starts_on.isoformat()[:7]


def table(settings: Settings, name: str) -> Path:
    """Where a table of the register can be read: in its only layer, or assembled from several.

    Raises:
        SettingsError: the layers do not fit together.
    """
    layers = _with_rows(_layers(settings, name))
    if len(layers) <= 1 and not _left_out(settings, name):
        return layers[0] if layers else settings.seeds / "register" / f"{name}.csv"
    return assemble(settings) / f"{name}.csv"


def assemble(settings: Settings) -> Path:
    """Write every table to `CSP_HOME/warehouse/seeds`, and return that folder.

    Does nothing if nothing has changed, neither what the tables come from nor their own bytes.

    Raises:
        SettingsError: a folder holds a file that is not a table, or a table's layers do not fit together.
    """
    folder, stamp = settings.assembled_seeds, settings.assembled_seeds / STAMP
    made_from = _files_sha256(_sources(settings))
    names = _tables(settings)
    known = records.sound(stamp, records.an_object)
    if known == _stamp_of(made_from, folder, names):
        return folder
    for path in _sources(settings).values():
        if path.parent in _overlays(settings) and path.name not in _BESIDE:
            _check_known(path, names)
    stamp.unlink(missing_ok=True)
    keys = _keys(settings)
    for name in names:
        _put_together(settings, name, keys.get(name, ()), folder / f"{name}.csv")
    write_text(folder / f"{PARTNERSHIPS}.csv", _identity_table(settings))
    records.write(stamp, _stamp_of(made_from, folder, names))
    return folder


def is_damaged(settings: Settings) -> bool:
    """Whether a table is no longer as it was assembled; it is then assembled again before use."""
    folder = settings.assembled_seeds
    try:
        known = records.read(folder / STAMP)
    except records.DamagedRecord:
        return True
    if known is None:
        return any(folder.glob("*.csv"))
    return known != _stamp_of(known.get("made_from", ""), folder, _tables(settings))


def decisions_sha256(settings: Settings) -> str:
    """One hash over the partnership's decisions: the files of its folder and what was recorded here.

    Waivers are left out: accepting a failure changes no figure, and they are printed and hashed
    separately.
    """
    return _files_sha256(
        {
            name: path
            for name, path in _sources(settings).items()
            if path.parent in _overlays(settings) and path.name not in (WAIVERS, ALERTS)
        }
    )


def waiver_files(settings: Settings) -> list[Path]:
    """The existing files of waivers, in the order of the layers."""
    return [path for folder in _overlays(settings) if (path := folder / WAIVERS).exists()]


def _name(settings: Settings) -> str:
    return f"the partnership {settings.partnership.area_name}"


def _overlays(settings: Settings) -> list[Path]:
    """The folders layered over the defaults, in increasing precedence."""
    if settings.partnership_folder is not None:
        return [settings.partnership_folder]
    return [settings.shipped_partnership, settings.recorded]


def _tables(settings: Settings) -> list[str]:
    """The names of all tables: those with a default, even if only its columns."""
    return sorted(path.stem for part in _PARTS for path in (settings.seeds / part).glob("*.csv"))


def _layers(settings: Settings, name: str) -> list[Path]:
    folders = [*(settings.seeds / part for part in _PARTS), *_overlays(settings)]
    return [path for folder in folders if (path := folder / f"{name}.csv").exists()]


def _with_rows(layers: Sequence[Path]) -> list[Path]:
    """The layers that have rows; the last if none has. A default may consist of its columns only."""
    found = [path for path in layers if _has_rows(path)]
    return found or list(layers[-1:])


def _has_rows(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return len(list(islice((line for line in lines if line.strip()), 2))) > 1


def _sources(settings: Settings) -> dict[str, Path]:
    """Every file that the tables come from, by a name that does not depend on where the folders are."""
    found = {PROPERTIES: settings.seeds / PROPERTIES}
    for part in _PARTS:
        found |= {f"{part}/{p.name}": p for p in sorted((settings.seeds / part).glob("*.csv"))}
    for number, folder in enumerate(_overlays(settings)):
        found |= {
            f"partnership/{number}/{path.name}": path
            for path in sorted(folder.glob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
    return found


def _files_sha256(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in files.items():
        if path.exists():
            digest.update(f"{name}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _stamp_of(made_from: str, folder: Path, names: Sequence[str]) -> dict[str, str]:
    """What the tables were made from, and one hash over them: dbt reads them, so no byte may change."""
    made = {name: folder / f"{name}.csv" for name in (*names, PARTNERSHIPS)}
    return {"made_from": made_from, "tables_sha256": _files_sha256(made)}


def _check_known(path: Path, names: Sequence[str]) -> None:
    if path.suffix != ".csv" or path.stem not in names:
        raise SettingsError(
            f"{path.name} in the partnership's folder is no table; the tables are {', '.join(names)}"
        )


def _keys(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The columns that identify a row, by table."""
    document = plain_yaml.load((settings.seeds / PROPERTIES).read_text(encoding="utf-8"))
    return {
        seed["name"]: tuple(test["unique_together"]["arguments"]["columns"])
        for seed in document["seeds"]
        for test in reversed(seed["data_tests"])  # the first is the key
        if "unique_together" in test
    }


def _left_out(settings: Settings, name: str) -> list[tuple[int, Any]]:
    """The rows that the folders leave out of a table, with the folder's number among the overlays."""
    found = []
    for number, folder in enumerate(_overlays(settings)):
        path = folder / IDENTITY
        entries = read_partnership(path).get("leave_out", {}) if path.exists() else {}
        if name in entries:
            found.append((number, entries[name]))
    return found


def _put_together(settings: Settings, name: str, key: Sequence[str], target: Path) -> None:
    """Write a table: unchanged if only one layer has it, otherwise with later layers' rows over it."""
    every = _layers(settings, name)
    columns = _columns(every[0])
    for layer in every[1:]:
        if _columns(layer) != columns:
            raise SettingsError(
                f"{layer.name} in the partnership's folder: the columns are {', '.join(columns)}"
            )
    layers, left_out = _with_rows(every), _left_out(settings, name)
    if len(layers) == 1 and not left_out:
        write_text(target, layers[0].read_text(encoding="utf-8"))
        return
    if not key:
        raise SettingsError(
            f"{name} has no key in seeds/{PROPERTIES}, so no row can be laid over another"
        )
    _lay_over(settings, name, key, columns, layers, left_out, target)


def _lay_over(
    settings: Settings,
    name: str,
    key: Sequence[str],
    columns: Sequence[str],
    layers: Sequence[Path],
    left_out: Sequence[tuple[int, Any]],
    target: Path,
) -> None:
    import duckdb

    overlays = _overlays(settings)
    level_of = {folder: number for number, folder in enumerate(overlays, start=1)}
    kinds = ", ".join(f"'{column}': 'varchar'" for column in columns)
    identity = "concat_ws(chr(31), " + ", ".join(f"coalesce(\"{k}\", '')" for k in key) + ")"
    reading = " union all ".join(
        f"select {level_of.get(path.parent, 0)} as layer, row_number() over () as line, * from "
        f"read_csv({literal(path)}, header = true, auto_detect = false, delim = ',', quote = '\"', "
        f"escape = '\"', columns = {{{kinds}}})"
        for path in layers
    )
    listed = ", ".join(f'"{column}"' for column in columns)
    with connect(threads=1) as connection:
        try:
            connection.execute(
                f"create table every as select *, {identity} as identity from ({reading})"
            )
        except duckdb.Error as problem:
            first_line = str(problem).split("\n", 1)[0]
            raise SettingsError(f"{name}.csv cannot be read: {first_line}") from problem
        twice = connection.execute(
            "select identity from every group by layer, identity having count(*) > 1 order by 1"
        ).fetchone()
        if twice is not None:
            raise SettingsError(f"{name}.csv: {_readable(twice[0])} is there twice")
        for number, said in left_out:
            _leave_out(connection, name, len(key), number + 1, said)
        with replacing(target) as draft:
            connection.execute(
                f"copy (select {listed} from every "
                "qualify layer = max(layer) over (partition by identity) "
                "order by min((layer, line)) over (partition by identity)) "
                f"to {literal(draft)} (format csv, header)"
            )


def _leave_out(connection: Any, name: str, width: int, layer: int, entries: Any) -> None:
    """Remove the rows that a layer leaves out of the layers before it."""
    if entries == _ALL:
        connection.execute("delete from every where layer < $layer", {"layer": layer})
        return
    wanted = list(_named(name, width, entries))
    known = {
        row[0]
        for row in connection.execute(
            "select identity from every where layer < $layer and identity in "
            "(select unnest($wanted))",
            {"layer": layer, "wanted": wanted},
        ).fetchall()
    }
    if strange := [one for one in wanted if one not in known]:
        raise SettingsError(f"leave_out: {name} has no row {_readable(strange[0])} to leave out")
    connection.execute(
        "delete from every where layer < $layer and identity in (select unnest($wanted))",
        {"layer": layer, "wanted": wanted},
    )


def _named(name: str, width: int, entries: Any) -> Iterator[str]:
    """The keys of the rows to leave out, each as a single text."""
    for one in entries if isinstance(entries, list) else [None]:
        parts = one if isinstance(one, list) else [one]
        if len(parts) != width or not all(isinstance(part, str) for part in parts):
            raise SettingsError(
                f"leave_out: {name} takes `{_ALL}` or a list of keys, each of {width} texts"
            )
        yield chr(31).join(parts)


def _readable(identity: str) -> str:
    return " of ".join(identity.split(chr(31)))


def _columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines), [])


def _identity_table(settings: Settings) -> str:
    """The partnership as a table of one row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    identity = asdict(settings.partnership)
    writer.writerows([list(identity), list(identity.values())])
    return text.getvalue()
