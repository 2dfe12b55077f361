"""The manifest: what dbt knows about feeds, deliveries and the last publication, as Parquet files.

    raw/_manifest/{feeds,deliveries,gate_results,releases,run}.parquet
    raw/_manifest/{published_figures,published_holds,published_deliveries,night}.parquet

They hold everything about a run that is not in the extracts themselves, so that the same manifest
over the same raw files always builds the same warehouse. The second line is what the candidate is
compared with, so that a measure may be held; it is no input that a new build would be needed for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.contracts.odcs import Contract
from orchestration.core import periods, records
from orchestration.core.engine import connect
from orchestration.core.files import replacing, scratch, sha256_of, write_text
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.ingest.landing.deliveries import Delivery
from orchestration.ingest.readers.parse import write_placeholder
from orchestration.protection import encryption

FOLDER = "_manifest"
SOURCE = "manifest"  # its name in dbt
_HASHES = "sha256.json"  # of every file that `write` writes, by its path in raw
# File times outside this range are nonsense.
_FIRST_MOMENT, _LAST_MOMENT = 0.0, datetime(2200, 1, 1, tzinfo=UTC).timestamp()

_COLUMNS: dict[str, dict[str, str]] = {
    "feeds": {
        "feed": "varchar", "partner": "varchar", "title": "varchar", "purpose": "varchar",
        "limitations": "varchar", "owner": "varchar", "lawful_basis": "varchar",
        "contract_version": "varchar", "cadence": "varchar", "period_kind": "varchar",
        "period_months": "integer", "expected_part": "varchar", "kept_from": "varchar",
        "latency_months": "integer", "due_through": "varchar", "due_first_month": "varchar",
        "provisional_months": "integer", "statutory": "boolean", "prescribed": "varchar",
        "prescribed_fields": "varchar",
    },
    "deliveries": {
        "feed": "varchar", "delivery_id": "varchar", "period": "varchar",
        "first_month": "varchar", "part": "varchar",
        "seq": "integer", "sha256": "varchar", "size_bytes": "bigint", "file_name": "varchar",
        "modified_at": "timestamp", "received_at": "timestamp", "contract_version": "varchar",
        "state": "varchar", "refused_by": "varchar", "reason": "varchar", "row_count": "bigint",
        "is_current": "boolean", "is_synthetic": "boolean",
    },
    "gate_results": {
        "feed": "varchar", "delivery_id": "varchar", "rule": "varchar", "severity": "varchar",
        "outcome": "varchar", "sentence": "varchar", "failing_rows": "bigint",
    },
    "releases": {"measure_id": "varchar", "delivery_id": "varchar"},
    "run": {"area_code": "varchar", "is_synthetic": "boolean", "owed_through": "date"},
}  # fmt: skip
_FIGURE = {
    "measure_id": "varchar", "area_type": "varchar", "area_code": "varchar",
    "area_name": "varchar", "period_type": "varchar", "period_start": "date",
    "period_end": "date", "strategy_year": "varchar", "count": "bigint",
    "modelled_count": "double", "denominator": "bigint", "denominator_year": "integer",
    "rate": "double", "rate_lower": "double", "rate_upper": "double", "previous_count": "bigint",
    "change": "bigint", "change_percent": "double", "change_is_significant": "boolean",
    "change_p_value": "double", "change_lower": "double", "change_upper": "double",
    "dispersion": "double", "change_not_judged": "varchar",
    "comparison_missing_reason": "varchar", "rolling_12m": "bigint", "missing_reason": "varchar",
    "rows_left_out": "bigint", "is_provisional": "boolean", "data_as_at": "date",
    "definition_version": "integer", "is_synthetic": "boolean",
}  # fmt: skip
_HOLD = {"measure_id": "varchar", "held_since": "date", "figures_of_deliveries": "varchar"}
_PUBLISHED: dict[str, tuple[str, ...]] = {
    "published_figures": tuple(_FIGURE),
    "published_holds": tuple(_HOLD),
    "published_deliveries": ("feed", "delivery_id"),
    "night": ("today",),
}
# What the manifest consists of: its own tables, and what was published last.
FILES = (*_COLUMNS, *_PUBLISHED)


def columns() -> dict[str, list[str]]:
    """The columns of every file of the manifest, in their order."""
    return {name: list(kinds) for name, kinds in (*_COLUMNS.items(), *_PUBLISHED.items())}


def tables(
    settings: Settings,
    contracts: Mapping[str, Contract],
    deliveries: Sequence[Delivery],
    releases: Sequence[Mapping[str, str]] = (),
) -> dict[str, list[dict[str, Any]]]:
    """The manifest as rows, in a fixed order. Pure but for the clock in `settings`.

    `releases` are the measures, each with the delivery, that a waiver in force releases from being held.
    """
    current = [delivery for delivery in deliveries if delivery.is_current]
    return {
        "feeds": [_feed(settings, contract) for contract in contracts.values()],
        "deliveries": [
            _delivery(contracts[delivery.receipt.feed], delivery) for delivery in deliveries
        ],
        "gate_results": [
            {
                "feed": delivery.receipt.feed,
                "delivery_id": delivery.receipt.delivery_id,
                **{key: rule[key] for key in ("rule", "severity", "outcome", "sentence")},
                "failing_rows": rule.get("failing_rows"),
            }
            for delivery in deliveries
            for rule in (delivery.record.rules if delivery.record else ())
        ],
        "releases": [dict(release) for release in releases],
        "run": [
            {
                "area_code": settings.partnership.area_code,
                "is_synthetic": any(delivery.receipt.synthetic for delivery in current),
                "owed_through": owed_through(settings.today).isoformat(),
            }
        ],
    }


def owed_through(today: date) -> date:
    """The last day of the newest quarter whose prescribed information is already owed.

    What belongs to a quarter is disclosed by the end of the next one (SI 2007/1831, reg. 3), so on
    any day the quarter before last is the newest that is owed.
    """
    this_quarter = date(today.year, today.month - (today.month - 1) % 3, 1)
    before = this_quarter - timedelta(days=1)
    return date(before.year, before.month - 2, 1) - timedelta(days=1)


def write(
    settings: Settings,
    contracts: Mapping[str, Contract],
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    published: Path | None = None,
) -> None:
    """Write the manifest, what was published last, and an empty Parquet file for every feed.

    `published` is the folder of the publication to compare with, if not the present one.
    """
    folder = settings.raw / FOLDER
    option = encryption.writing(encryption.key_of(settings))
    for name, entries in rows.items():
        columns = ", ".join(f"'{key}': '{kind}'" for key, kind in _COLUMNS[name].items())
        with scratch(folder, ".json") as lines, replacing(path_of(settings, name)) as target:
            write_text(lines, "".join(json.dumps(entry) + "\n" for entry in entries))
            with connect() as connection:
                encryption.prepare(settings, connection)
                connection.execute(
                    f"copy (select * from read_json($path, format = 'newline_delimited', "
                    f"columns = {{{columns}}})) to {literal(target)} "
                    f"(format parquet{option})",
                    {"path": str(lines)},
                )
    _write_published(settings, published or settings.published)
    for contract in contracts.values():
        write_placeholder(settings, contract)
    records.write(
        folder / _HASHES,
        {path.relative_to(settings.raw).as_posix(): sha256_of(path) for path in _files(settings)},
    )


def path_of(settings: Settings, name: str) -> Path:
    """The file of one of the manifest's tables."""
    return settings.raw / FOLDER / f"{name}.parquet"


def damaged(settings: Settings) -> list[Path]:
    """The files that `write` wrote last and that are gone or have changed; they are written anew by
    every run before dbt reads them."""
    path = settings.raw / FOLDER / _HASHES
    try:
        known = records.read(path)
    except records.DamagedRecord:
        return [path]
    if known is None:
        return [path] if _files(settings) else []
    files = {settings.raw / name: sha256 for name, sha256 in known.items()}
    return [
        path for path, sha256 in files.items() if not path.is_file() or sha256_of(path) != sha256
    ]


def _files(settings: Settings) -> list[Path]:
    found = (settings.raw / FOLDER).glob("*.parquet"), settings.raw.glob("*/*/_none/_none.parquet")
    return sorted(path for paths in found for path in paths)


def _write_published(settings: Settings, published: Path) -> None:
    """Write what the candidate is compared with: the last published figures and what they were made of.

    A measure that is held, or released by a waiver, is compared with the figures that it had before, which
    its publication keeps (governance.held_figures). Empty before the first publication; a column that an
    older release did not have is null.
    """
    parquet = published / "parquet"
    option = encryption.writing(encryption.key_of(settings))
    with connect() as connection:
        encryption.prepare(settings, connection)
        kept = _typed(connection, parquet / "governance/held_figures.parquet", _FIGURE)
        last = _typed(connection, parquet / "marts/fct_measure.parquet", _FIGURE)
        queries = {
            "published_figures": f"with kept as ({kept}), last as ({last}) from kept union all "
            "from last where missing_reason is distinct from 'held' "
            "and measure_id not in (select measure_id from kept)",
            "published_holds": "select * replace "
            "(string_split(figures_of_deliveries, ' ') as figures_of_deliveries) from ("
            + _typed(connection, parquet / "governance/held_measures.parquet", _HOLD)
            + ")",
            "published_deliveries": "select feed, delivery_id from ("
            + _typed(
                connection,
                parquet / "governance/deliveries.parquet",
                {"feed": "varchar", "delivery_id": "varchar", "is_current": "boolean"},
            )
            + ") where is_current",
            "night": f"select {literal(settings.today.isoformat())}::date as today",
        }
        for name, query in queries.items():
            with replacing(path_of(settings, name)) as target:
                connection.execute(f"copy ({query}) to {literal(target)} (format parquet{option})")


def _typed(connection: duckdb.DuckDBPyConnection, path: Path, columns: Mapping[str, str]) -> str:
    """A query of these columns of a Parquet file: null those that it lacks, no rows without a file."""
    if not path.exists():
        listed = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns.items())
        return f"select {listed} where false"
    found = connection.execute(f"describe from read_parquet({literal(path)})").fetchall()
    there = {row[0] for row in found}
    values = {name: f'"{name}"' if name in there else "null" for name in columns}
    listed = ", ".join(
        f'cast({values[name]} as {kind}) as "{name}"' for name, kind in columns.items()
    )
    return f"select {listed} from read_parquet({literal(path)})"


def _feed(settings: Settings, contract: Contract) -> dict[str, Any]:
    kind, due = contract.period_kind, None
    if kind != periods.EDITION:
        due = contract.due_through(settings.today)
    return {
        "feed": contract.feed,
        "partner": contract.partner,
        "title": contract.title,
        "purpose": contract.purpose,
        "limitations": contract.limitations,
        "owner": contract.owner,
        "lawful_basis": contract.lawful_basis,
        "contract_version": contract.version,
        "cadence": contract.cadence,
        "period_kind": kind,
        "period_months": periods.months_in(kind) if due else None,
        "expected_part": contract.expected_part(settings.partnership),
        "kept_from": contract.kept_from,
        "latency_months": contract.latency_months,
        "due_through": due,
        "due_first_month": periods.first_month(kind, due) if due else None,
        "provisional_months": contract.provisional_months,
        "statutory": contract.statutory,
        "prescribed": contract.prescribed,
        "prescribed_fields": ",".join(contract.prescribed_fields) or None,
    }


def _delivery(contract: Contract, delivery: Delivery) -> dict[str, Any]:
    receipt, record = delivery.receipt, delivery.record
    kind = contract.period_kind
    # A delivery from before its feed's kind of period changed has a label of the old kind.
    dated = kind != periods.EDITION and periods.is_period(kind, receipt.period)
    return {
        "feed": receipt.feed,
        "delivery_id": receipt.delivery_id,
        "period": receipt.period,
        "first_month": periods.first_month(kind, receipt.period) if dated else None,
        "part": receipt.part,
        "seq": receipt.seq,
        "sha256": receipt.sha256,
        "size_bytes": receipt.size,
        "file_name": receipt.file_name,
        "modified_at": _utc(receipt.modified),
        "received_at": receipt.received_at[:19].replace("T", " "),
        "contract_version": record.contract_version if record else None,
        "state": delivery.state,
        "refused_by": (record.rule or None) if record else None,
        "reason": (record.reason or None) if record else None,
        "row_count": record.rows if record else None,
        "is_current": delivery.is_current,
        "is_synthetic": receipt.synthetic,
    }


def _utc(seconds: float) -> str | None:
    """A time as text; `None` for an impossible time, which a partner's server may report."""
    if not _FIRST_MOMENT <= seconds < _LAST_MOMENT:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
