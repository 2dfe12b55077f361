"""What the warehouse is compared with, each a process of its own: the same rows by other means.

    python -m benchmarks.bare duckdb|polars|pandas SOURCE COUNTS
    python -m benchmarks.bare gate-sql SOURCE VERDICTS
    python -m benchmarks.bare pull|gate            (over CSP_HOME, from CSP_SOURCE)
    python -m benchmarks.bare dbt-parse|dbt FOLDER (over CSP_HOME; what dbt writes goes to FOLDER)

`duckdb`, `polars` and `pandas` read every street file with a stated schema, and write the rows of the
area by crime type, LSOA, month and ward. Nothing of the project is imported by these three.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_READ = ("Month", "LSOA code", "Crime type")
_COLUMNS = {
    "Crime ID": "VARCHAR", "Month": "VARCHAR", "Reported by": "VARCHAR", "Falls within": "VARCHAR",
    "Longitude": "DOUBLE", "Latitude": "DOUBLE", "Location": "VARCHAR", "LSOA code": "VARCHAR",
    "LSOA name": "VARCHAR", "Crime type": "VARCHAR", "Last outcome category": "VARCHAR",
    "Context": "VARCHAR",
}  # fmt: skip
COUNTED = ("crime_type", "lsoa_code", "month", "ward_code", "rows")
_BROKEN = ("error", "fail", "runtime error")  # how dbt calls the states of nodes that did not pass
_STREET = "*/*-street.csv"
_WARDS = "wards.csv"  # in SOURCE: lsoa_code and ward_code of the area


def wards_file(source: Path) -> Path:
    """Where the wards of the area's LSOAs are, beside the folder of files."""
    return source.with_name(f"{source.name}-{_WARDS}")


def duckdb_counts(source: Path, counts: Path) -> None:
    """The essential SQL."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select "Crime type" as crime_type, "LSOA code" as lsoa_code, "Month" as month, ward_code,
                    count(*) as rows
                from read_csv('{source / _STREET}', columns = {_COLUMNS}, header = true, delim = ',',
                    quote = '"', escape = '"', auto_detect = false) as street
                inner join read_csv('{wards_file(source)}', header = true,
                    columns = {{'lsoa_code': 'VARCHAR', 'ward_code': 'VARCHAR'}}) as wards
                    on wards.lsoa_code = street."LSOA code"
                group by all order by all
            ) to '{counts}' (format csv, header true)
            """
        )


def polars_counts(source: Path, counts: Path) -> None:
    """The same, lazily, in polars' streaming engine."""
    import polars as pl

    kinds = {name: pl.Float64 if kind == "DOUBLE" else pl.String for name, kind in _COLUMNS.items()}
    wards = pl.scan_csv(wards_file(source), schema={"lsoa_code": pl.String, "ward_code": pl.String})
    (
        pl.scan_csv(str(source / _STREET), schema=kinds)
        .select(_READ)
        .join(wards, left_on="LSOA code", right_on="lsoa_code", how="inner")
        .group_by("Crime type", "LSOA code", "Month", "ward_code")
        .len()
        .rename(
            {"Crime type": "crime_type", "LSOA code": "lsoa_code", "Month": "month", "len": "rows"}
        )
        .select(COUNTED)
        .sort(COUNTED)
        .collect(engine="streaming")
        .write_csv(counts)
    )


def pandas_counts(source: Path, counts: Path) -> None:
    """The same in pandas, a file at a time, so that memory is that of one file and of the counts."""
    import pandas as pd

    wards = pd.read_csv(wards_file(source), dtype=str)
    by = ["Crime type", "LSOA code", "Month", "ward_code"]
    found = []
    for path in sorted(source.glob(_STREET)):
        rows = pd.read_csv(path, usecols=list(_READ), dtype=str)
        placed = rows.merge(wards, left_on="LSOA code", right_on="lsoa_code")
        found.append(placed.groupby(by).size())
    total = pd.concat(found).groupby(level=by).sum().sort_index().rename("rows").reset_index()
    total.columns = pd.Index(COUNTED)
    total.to_csv(counts, index=False)


def gate_sql(source: Path, verdicts: Path) -> None:
    """The rules of the contract as plain SQL, each once, over the files as text; a verdict by file."""
    import duckdb

    from benchmarks import street_rows
    from orchestration.contracts.rules import plain_query
    from orchestration.core.settings import from_environment
    from orchestration.quality import chance

    settings = from_environment(os.environ)
    contract = street_rows.contract_of(settings)
    limits = chance.thresholds_of(settings)
    columns = {column.header: "VARCHAR" for column in contract.columns}
    names = ", ".join(f'"{column.header}" as {column.name}' for column in contract.columns)
    own = contract.expected_part(settings.partnership)
    with duckdb.connect(config={"temp_directory": str(verdicts.parent / "spilt")}) as connection:
        connection.execute(
            f"""
            create table given as
            select {names}, _delivery, _part, _period, null::double as _usual_rows,
                null::double as _fewest_rows, null::double as _most_rows,
                {1 - limits["repetition_percent"] / 100} as _chance_refused,
                {limits["rejected_rows_percent"] / 100} as _rejected_share, _part = '{own}' as _is_due,
                row_number() over () as _row
            from (
                select * exclude (filename), filename as _delivery,
                    regexp_extract(filename, '([0-9-]{{7}})-([a-z-]+)-street', 1) as _period,
                    regexp_extract(filename, '([0-9-]{{7}})-([a-z-]+)-street', 2) as _part
                from read_csv('{source / _STREET}', columns = {columns}, header = true, delim = ',',
                    quote = '"', escape = '"', auto_detect = false, filename = true)
            )
            """
        )
        connection.execute(
            "create table broken (rule varchar, severity varchar, delivery varchar, rows bigint)"
        )
        for rule in contract.rules:
            query = plain_query(str(rule.kwargs["unexpected_rows_query"]), "(from given)")
            connection.execute(
                f"insert into broken select ?, ?, _delivery, count(*) from ({query}) group by 3",
                [rule.id, rule.severity],
            )
        connection.execute(
            f"""
            copy (
                select distinct _period as period, _part as part, case when _delivery in (
                    select delivery from broken where severity = 'critical')
                    then 'refused' else 'passed' end as verdict
                from given order by all
            ) to '{verdicts}' (format csv, header true)
            """
        )


def pull_alone() -> None:
    """Land the files, as a night does, and stop there."""
    from orchestration import extracts, night
    from orchestration.core.settings import from_environment

    settings = from_environment(os.environ)
    contracts = night.contracts_of(settings)
    with night.alone(settings):
        extracts.pull(settings, contracts)


def gate_alone(verdicts: Path) -> None:
    """Gate 1 over what has landed: read, look for personal data, judge, and write records and raw."""
    from orchestration import night
    from orchestration.core.settings import from_environment

    settings = from_environment(os.environ)
    with night.alone(settings):
        judged = night.gate_one(settings, night.contracts_of(settings), lambda line: None)
    with verdicts.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("period", "part", "verdict"))
        writer.writerows(
            sorted((one.period, one.part, record.state) for one, record in judged.decided.items())
        )


def dbt_parse(folder: Path) -> None:
    """Let dbt parse the project for a home."""
    _dbt(folder, ["parse"], None)


def dbt_build(folder: Path) -> None:
    """`dbt build` of what a night builds, into a new database, by dbt alone, over the project as parsed."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    content = (folder / "partial_parse.msgpack").read_bytes()
    (folder / "bare.duckdb").unlink(missing_ok=True)
    left_out = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure"]
    _dbt(
        folder,
        ["build", *left_out],
        Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder),
    )


def _dbt(folder: Path, command: list[str], manifest: Any) -> None:
    from dbt.cli.main import dbtRunner

    from orchestration.core import engine
    from orchestration.core.settings import from_environment

    settings, limits = from_environment(os.environ), engine.limits()
    # What dbt_project/profiles.yml asks for; the limits are those of the warehouse.
    os.environ |= {
        "CSP_LIMIT_MEMORY": f"{limits.memory_mb}MiB",
        "CSP_LIMIT_THREADS": str(limits.threads),
        "CSP_LIMIT_TEMPORARY": f"{limits.temporary_mb}MiB",
        "CSP_CANDIDATE": str(folder / "bare.duckdb"),
        "CSP_SEEDS": str(settings.assembled_seeds),
        "CSP_RAW_FOLDER": str(settings.raw),
        "CSP_THRESHOLDS": str(settings.assembled_seeds / "threshold_register.csv"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    if manifest is not None:
        manifest.build_flat_graph()
    place = str(settings.dbt_project)
    outcome = dbtRunner(manifest).invoke(
        [
            *command, "--project-dir", place, "--profiles-dir", place,
            "--target-path", str(folder), "--log-path", str(folder), "--log-level-file", "none",
            "--log-level", "warn", "--no-use-colors",
        ]
    )  # fmt: skip
    if not outcome.success:
        results = getattr(outcome.result, "results", ())  # a parse that failed has none
        broken = [one.node.unique_id for one in results if one.status in _BROKEN]
        raise SystemExit(f"dbt {command[0]} did not succeed: {outcome.exception or broken[:5]}")


_DOES: dict[str, Callable[..., None]] = {
    "duckdb": duckdb_counts, "polars": polars_counts, "pandas": pandas_counts, "gate-sql": gate_sql,
    "pull": pull_alone, "gate": gate_alone, "dbt-parse": dbt_parse, "dbt": dbt_build,
}  # fmt: skip

if __name__ == "__main__":
    _DOES[sys.argv[1]](*map(Path, sys.argv[2:]))
