"""What the warehouse costs, beside what it could not do without: processor time, wall clock and memory.

    python -m benchmarks.bench [--only city street gate] [--rows 1 5 20] [--repeat N] [--out FILE]

`city`: the synthetic city. `street`: seeded files in the layout of data.police.uk, `--rows` in millions;
beside each state of them the same counts by bare DuckDB, and a bare `dbt build`; at first also polars
and pandas. `gate`: gate 1 alone on these files, and its rules as plain SQL. What each line means is in
docs/benchmarks.md. Every figure of the warehouse's marts is compared with what bare DuckDB counts. Exits with
1 if one differs, or if anything could not be measured.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from benchmarks import bare, street_rows
from benchmarks.bench_table import DBT, DUCKDB, OTHER, OURS, Measured, Report, load, page
from benchmarks.stage import settings_at
from benchmarks.trial import NOW
from orchestration.contracts.odcs import Contract, load_contracts
from orchestration.core import periods, register
from orchestration.core.settings import PROJECT, Settings
from orchestration.core.sql import literal
from orchestration.ingest.transports import SYNTHETIC_MARKER
from orchestration.synthetic import sample

PARTS = ("city", "street", "gate")
_LONGEST = 6 * 3600
_WARM = 0.02  # millions of rows of the run before all others
_BYTES_A_ROW = (
    1_200  # of the scratch folder: files, landing, raw, candidate, publication, bare build
)
_TOO_SHORT = 100  # lines of a file that the contract wants 200 rows of
_CSP = (sys.executable, "-m", "orchestration.cli")
_BARE = (sys.executable, "-m", "benchmarks.bare")


class Stopped(RuntimeError):
    """A step failed that later ones need, or a figure is not what it must be. One sentence."""


@dataclass
class Meter:
    """Runs commands, says what is on, and keeps what they cost."""

    scratch: Path
    report: Report
    keep: Callable[[], None] = lambda: None
    with_dbt: bool = True

    def measure(
        self, group: str, state: str, kind: str, what: str, command: Sequence[str], **where: str
    ) -> None:
        """Run a command over a home, and keep what it cost.

        Raises:
            Stopped: it failed. What it said last is in the sentence.
        """
        found = self._run(f"{group}: {what}", command, where)
        self.report.measured.append(
            Measured(
                group, state, kind, what, found["cpu"], found["wall"], found["peak_mb"],
                found["others"], bool(found["is_left"]),
            )
        )  # fmt: skip
        self.keep()

    def compare(
        self, group: str, state: str, kind: str, what: str, command: Sequence[str], **where: str
    ) -> bool:
        """The same for what the warehouse is compared with: if it fails, that is noted and all goes on."""
        try:
            self.measure(group, state, kind, what, command, **where)
        except Stopped as problem:
            self.report.problems.append(str(problem))
            return False
        return True

    def prepare(self, what: str, command: Sequence[str], **where: str) -> None:
        """Run what is not measured. Raises `Stopped` where it fails."""
        self._run(what, command, where)

    def _run(self, what: str, command: Sequence[str], where: dict[str, str]) -> dict[str, float]:
        ours = ("CSP_", "DAGSTER_", "DBT_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {
            "CSP_NOW": NOW,
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(PROJECT), os.environ.get("PYTHONPATH")))
            ),
            **{f"CSP_{name.upper()}": value for name, value in where.items()},
        }
        out, said = self.scratch / "cost.json", self.scratch / "said.txt"
        out.unlink(missing_ok=True)
        tell(f"{what} …")
        with said.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, "-I", "-S", str(Path(__file__).with_name("metered.py")),
                 str(out), *command],
                cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            try:
                process.wait(_LONGEST)
            except BaseException as ended:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if isinstance(ended, subprocess.TimeoutExpired):
                    raise Stopped(f"{what} took longer than {_LONGEST // 3600} hours") from None
                raise
        last = said.read_text(encoding="utf-8", errors="replace").strip()[-1500:]
        if process.returncode != 0 or not out.is_file():
            tell(last)
            raise Stopped(f"{what} could not be measured: {_line(last)}")
        found: dict[str, float] = json.loads(out.read_text(encoding="utf-8"))
        if found["code"] != 0:
            tell(last)
            raise Stopped(f"{what} ended with {found['code']}: {_line(last)}")
        tell(f"{what}: {found['cpu']:.1f} s of processor, {found['wall']:.1f} s")
        return found


def _line(said: str) -> str:
    """What a command said last; a killed one, such as one without memory, says nothing."""
    return said.splitlines()[-1] if said else "it said nothing"


def tell(line: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def correct(path: Path) -> None:
    """Send a file again, without the last twentieth of its rows."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: -max(1, len(lines) // 20)]))


def newest_months(
    settings: Settings, contracts: Mapping[str, Contract], plan: Mapping[str, list[str]]
) -> list[str]:
    """The files of the newest month of each monthly feed that has more than one."""
    return [
        sample.name_of(settings, contracts[feed], labels[-1])
        for feed, labels in plan.items()
        if len(labels) > 1 and periods.is_month(labels[-1])
    ]


def city(meter: Meter) -> None:
    """The synthetic city, in one home: whole, then its newest month, a corrected file, nothing new."""
    group, scratch = "the synthetic city", meter.scratch / "city"
    source, later, home = scratch / "source", scratch / "later", scratch / "home"
    settings = settings_at(scratch / "unused")
    contracts = load_contracts(settings.contracts)
    tell(f"{group}: its extracts are being made")
    sample.write(settings, source)
    plan = sample.plan_of(settings, contracts)
    newest = newest_months(settings, contracts, plan)
    _move(newest, source, later)
    place = {"home": str(home), "source": str(source)}

    def refresh(state: str, what: str, **where: str) -> None:
        meter.measure(group, state, OURS, what, [*_CSP, "refresh"], **where)

    meter.measure(group, "set up", OURS, "the dbt project is parsed, once a version", [*_CSP, "prepare"],
                  home=str(home))  # fmt: skip
    refresh("first", "first refresh", **place)
    _warm_dbt(meter, group, scratch, home)
    _bare_dbt(meter, group, "first", scratch, home)
    _move(newest, later, source)
    refresh("new month", f"one new month of {len(newest)} feeds", **place)
    _bare_dbt(meter, group, "new month", scratch, home)
    street = contracts[street_rows.FEED]
    correct(source / sample.name_of(settings, street, plan[street.feed][-2]))
    refresh("corrected", "one corrected file", **place)
    _bare_dbt(meter, group, "corrected", scratch, home)
    refresh("corrected", "nothing new, one folder", **place)
    sources = sources_file(source, contracts.values(), scratch / "sources.yaml")
    asked = {"home": str(home), "sources": str(sources)}
    # The first time, a configured source is new to the home, though its files are not.
    meter.prepare(f"{group}: configured sources are asked first", [*_CSP, "refresh"], **asked)
    refresh("corrected", "nothing new, configured sources", **asked)


def street(meter: Meter, millions: float, seed: int, parts: Sequence[str]) -> None:
    """Street files of so many rows: gate 1 alone, a first refresh, a new month, a corrected file."""
    rows = round(millions * 1_000_000)
    group = f"street files, {millions:g} million rows"
    scratch = meter.scratch / "street"
    source, later, home = scratch / "source", scratch / "later", scratch / "home"
    settings = settings_at(scratch / "unused")
    *months, newest = street_rows.months_for(settings, rows)
    own = street_rows.contract_of(settings).expected_part(settings.partnership)
    file_of = {month: source / month / f"{month}-{own}-street.csv" for month in months}
    _room(meter.scratch, rows)
    tell(f"{group}: files are being made, {months[0]} to {newest}")
    written = street_rows.write(settings, source, months, rows, seed)
    added = street_rows.write(settings, later, [newest], rows // len(months), seed, rows)
    write_wards(settings, bare.wards_file(source))
    files = len(list(source.glob("*/*.csv")))
    tell(
        f"{group}: {sum(written.rows):,} rows in {files} files, and {sum(added.rows):,} for {newest}"
    )
    if "gate" in parts:
        gate(meter, group, scratch, source, file_of[months[-1]])
    if "street" not in parts:
        return
    place = {"home": str(home), "source": str(source)}

    def state(name: str, what: str) -> None:
        meter.measure(group, name, OURS, what, [*_CSP, "refresh"], **place)
        if name == "first":
            _warm_dbt(meter, group, scratch, home)
        _bare_dbt(meter, group, name, scratch, home)
        counts = scratch / "duckdb.csv"
        meter.measure(group, name, DUCKDB, f"bare DuckDB, {name}",
                      [*_BARE, "duckdb", str(source), str(counts)])  # fmt: skip
        meter.report.equal.append(f"{group}, {name}: {equal(home, counts)}")

    meter.measure(group, "set up", OURS, "the dbt project is parsed, once a version", [*_CSP, "prepare"],
                  home=str(home))  # fmt: skip
    state("first", f"first refresh, {files} files")
    _others(meter, group, scratch, source)
    shutil.move(later / newest, source / newest)
    state("new month", f"one new national month, {sum(added.rows):,} rows")
    correct(file_of[months[0]])
    state("corrected", "one corrected file")
    meter.measure(group, "corrected", OURS, "nothing new", [*_CSP, "refresh"], **place)


def gate(meter: Meter, group: str, scratch: Path, source: Path, bad: Path) -> None:
    """Gate 1 alone over what has landed, and its rules as plain SQL; both must pass the same deliveries.

    The file `bad` is cut short, so that one is refused; afterwards it is whole again.

    Raises:
        Stopped: they differ, or nothing is refused.
    """
    home, whole = scratch / "gate", bad.read_bytes()
    place = {"home": str(home), "source": str(source)}
    found = scratch / "gate.csv", scratch / "gate-sql.csv"
    bad.write_bytes(b"".join(whole.splitlines(keepends=True)[:_TOO_SHORT]))
    meter.prepare(f"{group}: the files land", [*_BARE, "pull"], **place)
    meter.measure(group, "gate 1", OURS, "gate 1 alone", [*_BARE, "gate", str(found[0])], **place)
    shutil.rmtree(home)
    meter.measure(group, "gate 1", DUCKDB, "the rules of gate 1 as plain SQL",
                  [*_BARE, "gate-sql", str(source), str(found[1])], home=str(home))  # fmt: skip
    bad.write_bytes(whole)
    said = [path.read_text(encoding="utf-8").splitlines()[1:] for path in found]
    refused = [line for line in said[0] if not line.endswith(",passed")]
    if said[0] != said[1] or len(refused) != 1:
        differing = sorted(set(said[0]) ^ set(said[1]))[:4]
        raise Stopped(f"{group}: gate 1 and its rules as plain SQL differ: {differing or refused}")
    meter.report.equal.append(
        f"{group}: gate 1 and its rules as plain SQL give {len(said[0])} deliveries the same verdict; "
        f"one is refused by both"
    )


def equal(home: Path, counts: Path) -> str:
    """Compare every figure of the marts with the rows that bare DuckDB counts, by measure, month and place.

    Raises:
        Stopped: one differs, or there is nothing to compare.
    """
    warehouse = (home / "published" / "warehouse.duckdb").resolve()
    measures = home / "warehouse" / "seeds" / "street_crime_measures.csv"
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        connection.execute(
            f"""
            create temp table counted as
            with rows_of as (
                select * from read_csv({literal(str(counts))}, header = true, columns = {{
                    'crime_type': 'VARCHAR', 'lsoa_code': 'VARCHAR', 'month': 'VARCHAR',
                    'ward_code': 'VARCHAR', 'rows': 'BIGINT'}})
            )
            select measure_id, area_type, area_code, (month || '-01')::date as period_start,
                sum(rows)::bigint as found
            from rows_of
            inner join read_csv({literal(str(measures))}, header = true) using (crime_type)
            cross join lateral (values ('lsoa', lsoa_code), ('ward', ward_code))
                as places(area_type, area_code)
            group by all;
            create temp table published as
            select measure_id, area_type, area_code, period_start, "count" as found
            from warehouse.marts.fct_measure
            where period_type = 'month' and area_type in ('lsoa', 'ward') and "count" > 0
                and measure_id in (select measure_id from read_csv({literal(str(measures))}, header = true))
            """
        )
        row = connection.execute(
            "select (select count(*) from (from counted except from published)), "
            "(select count(*) from (from published except from counted)), count(*), "
            f"(select sum(rows) from read_csv({literal(str(counts))}, header = true)) from counted"
        ).fetchone()
    assert row is not None
    lacking, more, figures, total = row
    if lacking or more or not figures:
        raise Stopped(
            f"the marts are not what bare DuckDB counts: of {figures} figures {lacking} are not in the "
            f"marts, and {more} are there alone"
        )
    return f"{total:,} rows in the area, {figures:,} figures by measure, month and place, 0 differ"


def _others(meter: Meter, group: str, scratch: Path, source: Path) -> None:
    """Polars and pandas, whose counts must be those of DuckDB."""
    for name in ("polars", "pandas"):
        if importlib.util.find_spec(name) is None:
            tell(f"{name} is not installed")
            continue
        counts = scratch / f"{name}.csv"
        command = [*_BARE, name, str(source), str(counts)]
        if not meter.compare(group, "first", OTHER, f"{name}, first", command):
            continue
        with duckdb.connect() as connection:
            theirs, ours = (
                f"(select * from read_csv({literal(str(path))}, header = true, all_varchar = true))"
                for path in (counts, scratch / "duckdb.csv")
            )
            row = connection.execute(
                f"select count(*) from ((from {theirs} except all from {ours}) union all "
                f"(from {ours} except all from {theirs}))"
            ).fetchone()
        if row != (0,):
            raise Stopped(f"{group}: {name} and bare DuckDB count differently")
        meter.report.equal.append(f"{group}: {name} counts what bare DuckDB counts")


def _warm_dbt(meter: Meter, group: str, scratch: Path, home: Path) -> None:
    """Parse the project and build it once, so that nothing is done for the first time when it is measured."""
    if not meter.with_dbt:
        return
    folder = scratch / "dbt"
    folder.mkdir(parents=True)
    try:
        for what in ("dbt-parse", "dbt"):
            meter.prepare(
                f"{group}: {what}, to get warm", [*_BARE, what, str(folder)], home=str(home)
            )
    except Stopped as problem:
        meter.report.problems.append(str(problem))
        shutil.rmtree(folder)  # so that it is not tried again


def _bare_dbt(meter: Meter, group: str, state: str, scratch: Path, home: Path) -> None:
    """A bare build of the home's state, and how many of its nodes are those that the night built last."""
    folder = scratch / "dbt"
    what = f"bare dbt build, {state}"
    command = [*_BARE, "dbt", str(folder)]
    if not folder.is_dir() or not meter.compare(group, state, DBT, what, command, home=str(home)):
        return
    theirs, ours = (_nodes(place) for place in (folder, home / "warehouse" / "dbt"))
    meter.report.equal.append(
        f"{group}, {state}: bare dbt builds {len(theirs)} nodes, {len(theirs & ours)} of which are among the "
        f"{len(ours)} that the night built last"
    )


def _nodes(folder: Path) -> set[str]:
    """The nodes of the last build whose results are in a folder."""
    path = folder / "run_results.json"
    if not path.is_file():
        return set()
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    return {result["unique_id"] for result in results}


def _move(names: Sequence[str], source: Path, target: Path) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source / name, target / name)


def write_wards(settings: Settings, path: Path) -> None:
    """The wards of the area's LSOAs, for those that know nothing of the project."""
    lookup = register.table(settings, "area_lsoa_2021")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select lsoa_2021_code as lsoa_code, ward_code from "
            f"read_csv({literal(str(lookup))}, header = true) "
            f"where district_code = {literal(settings.partnership.area_code)} order by 1) "
            f"to {literal(str(path))} (format csv, header true)"
        )


def sources_file(source: Path, contracts: Iterable[Contract], path: Path) -> Path:
    """A file for CSP_SOURCES: each partner's folder is a source of its own."""
    feeds: dict[str, list[str]] = {}
    for contract in contracts:
        if (source / contract.partner).is_dir():
            feeds.setdefault(contract.partner, []).append(contract.feed)
    for partner in feeds:
        shutil.copy(source / SYNTHETIC_MARKER, source / partner)
    listed = [
        {"name": partner, "kind": "folder", "address": str(source / partner), "feeds": theirs,
         "settle_seconds": 0}
        for partner, theirs in feeds.items()
    ]  # fmt: skip
    path.write_text(yaml.safe_dump({"sources": listed}), encoding="utf-8")
    return path


def _room(scratch: Path, rows: int) -> None:
    needed, free = rows * _BYTES_A_ROW, shutil.disk_usage(scratch).free
    if free < needed:
        raise Stopped(
            f"{rows:,} rows need about {needed >> 30} GiB of disk, and {free >> 30} GiB are free; "
            "name another folder with --scratch"
        )


def _alone(meter: Meter, what: str, run: Callable[[], None]) -> None:
    """Run one scenario; remove all that it made; note what stopped it."""
    try:
        run()
    except (Stopped, street_rows.TooFewRows, OSError, duckdb.Error) as problem:
        meter.report.problems.append(str(problem))
        tell(f"{what} was stopped: {problem}")
    finally:
        for folder in meter.scratch.iterdir():
            if folder.is_dir():
                shutil.rmtree(folder)
    meter.keep()


def _warm_up(meter: Meter, seed: int) -> None:
    """One small refresh that is not measured: every library's compiled code, and the disk's cache."""
    tell("warming up: a small refresh that is not measured")
    compileall.compile_dir(str(PROJECT / "orchestration"), quiet=1)
    scratch = meter.scratch / "warm"
    settings, rows = settings_at(scratch / "unused"), round(_WARM * 1_000_000)
    months = street_rows.months_for(settings, rows)[:-1]
    street_rows.write(settings, scratch / "source", months, rows, seed)
    place = {"home": str(scratch / "home"), "source": str(scratch / "source")}
    meter.prepare("warm-up", [*_CSP, "refresh"], **place)


def without_paths(arguments: Sequence[str]) -> list[str]:
    """The arguments as they are printed: a folder of a machine is nobody else's business."""
    paths = ("--out", "--scratch")
    return [
        one
        for before, one in zip(["", *arguments], arguments, strict=False)
        if not (before in paths or one.startswith(paths))
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the page, and write it to `--out`; return 1 if anything went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rows", nargs="+", type=float, default=[1.0], metavar="MILLIONS")
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--repeat", type=int, default=1, help="times; the median is shown")
    parser.add_argument("--out", type=Path, help="a file for the page, written as it grows")
    parser.add_argument("--scratch", type=Path, help="a folder with enough room")
    parser.add_argument("--no-dbt", action="store_true", help="without the bare builds of dbt")
    parser.add_argument("--no-warm-up", action="store_true", help="for trying the benchmark itself")
    options = parser.parse_args(arguments)
    given = sys.argv[1:] if arguments is None else arguments
    report = Report(load(), shlex.join(["python", "-m", "benchmarks.bench", *without_paths(given)]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def keep() -> None:
        if options.out is not None:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(page(report, load()), encoding="utf-8")

    keep()  # a file that cannot be written is known now, not after hours
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.scratch) as folder:
        meter = Meter(Path(folder), report, keep, not options.no_dbt)
        if not options.no_warm_up:
            _alone(meter, "the warm-up", lambda: _warm_up(meter, options.seed))
        for _ in range(options.repeat):
            if "city" in options.only:
                _alone(meter, "the city", lambda: city(meter))
            if {"street", "gate"} & set(options.only):
                for rows in options.rows:
                    _alone(meter, "a street scenario",
                           lambda rows=rows: street(meter, rows, options.seed, options.only))  # type: ignore[misc]  # fmt: skip
    print(page(report, load()))
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
