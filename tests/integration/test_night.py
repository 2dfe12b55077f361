"""Nights on a copy of the city: nothing new, corrections, refusals, crashes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from orchestration import night
from orchestration.files import sha256_of
from orchestration.ingest.deliveries import REFUSED, deliveries
from orchestration.release.publish import PublicationRefused
from orchestration.release.verify import differences, read_manifest
from orchestration.settings import PROJECT
from orchestration.synthetic import sample
from orchestration.synthetic.faults import FAULTS
from orchestration.transform import dbt
from tests.conftest import MONTHS, NOW, settings_at

STREET = "police/{month}-staffordshire-street.csv"


def published_bytes(settings):
    return {
        path.relative_to(settings.published.resolve()).as_posix(): sha256_of(path)
        for path in settings.published.resolve().rglob("*")
        if path.is_file()
    }


def tables_of(settings, *, without=("received_at",)):
    """Every published row, as sorted text, less the moments that differ between runs."""
    found = {}
    with duckdb.connect(
        str((settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as c:
        for schema, table in c.sql(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall():
            columns = [row[0] for row in c.sql(f'describe "{schema}"."{table}"').fetchall()]
            kept = ", ".join(f'"{name}"' for name in columns if name not in without)
            found[f"{schema}.{table}"] = c.sql(
                f"select md5(string_agg(line, chr(10) order by line)) from "
                f'(select row({kept})::varchar as line from "{schema}"."{table}")'
            ).fetchone()[0]
    return found


def count_of(settings, month, measure="police_asb_incidents"):
    with duckdb.connect(
        str((settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as c:
        return c.execute(
            'select "count", missing_reason from marts.fct_measure where measure_id = ? '
            "and area_type = 'city' and period_type = 'month' and period_start = ?",
            [measure, f"{month}-01"],
        ).fetchone()


def test_a_night_with_nothing_new_does_nothing(copied):
    before = published_bytes(copied.settings)
    assert not night.work(copied.settings, copied.contracts).is_needed
    assert published_bytes(copied.settings) == before
    assert differences(copied.settings.published) == []


def test_a_correction_replaces_its_month_and_the_old_one_is_kept(copied, run_night):
    month = "2026-05"
    path = copied.source / STREET.format(month=month)
    before, _ = count_of(copied.settings, month)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    asb = next(
        n
        for n, line in enumerate(lines)
        if line.startswith(",") and "E010" in line and "E01099999" not in line
    )
    path.write_text("".join([*lines, lines[asb]]), encoding="utf-8")
    assert night.work(copied.settings, copied.contracts).is_needed
    run_night(copied.settings)
    assert count_of(copied.settings, month) == (before + 1, None)
    kept = [d for d in deliveries(copied.settings, copied.contracts) if d.receipt.period == month]
    assert [(d.state, d.is_current) for d in kept] == [("passed", False), ("passed", True)]
    with duckdb.connect(
        str((copied.settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as connection:
        superseded, difference = connection.sql(
            "select sum(rows_superseded), sum(unexplained_difference) from governance.reconciliation"
        ).fetchone()
    assert superseded == len(lines) - 1
    assert difference == 0


def test_a_refused_correction_leaves_the_last_good_month_live(copied, run_night):
    month = "2026-08"
    before = count_of(copied.settings, month)
    FAULTS["renamed_column"].apply(copied.source / STREET.format(month=month))
    run_night(copied.settings)
    assert count_of(copied.settings, month) == before
    assert [
        d.state for d in deliveries(copied.settings, copied.contracts) if d.receipt.period == month
    ] == ["passed", REFUSED]


def test_a_refused_first_delivery_says_refused_and_a_row_reject_is_explained(tmp_path, run_night):
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    sample.write(settings, tmp_path / "source", months=3, faults=["wrong_month"])
    FAULTS["bad_coordinate"].apply(tmp_path / "source" / STREET.format(month="2026-07"))
    run_night(settings)
    assert count_of(settings, "2026-08") == (None, "refused")
    assert count_of(settings, "2026-07")[1] is None
    with duckdb.connect(
        str((settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as c:
        assert c.sql(
            "select reject_reason, count(*) from governance.rejected_rows group by 1"
        ).fetchall() == [("coordinate_not_a_number", 1)]
        assert c.sql(
            "select sum(unexplained_difference) from governance.reconciliation"
        ).fetchone() == (0,)
        assert c.sql(
            "select state from governance.completeness where period = '2026-08'"
        ).fetchall() == [("refused",)]


def test_without_reference_deliveries_the_shipped_areas_serve(tmp_path, run_night):
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    sample.write(settings, tmp_path / "source", months=2)
    shutil.rmtree(tmp_path / "source" / "reference")
    run_night(settings)
    with duckdb.connect(
        str((settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as c:
        assert c.sql(
            "select area_type, count(*) from marts.dim_area group by all order by all"
        ).fetchall() == [("city", 1), ("lsoa", 163), ("unplaced", 3), ("ward", 34)]
        assert c.sql(
            "select distinct state from governance.completeness where feed like 'reference/%'"
        ).fetchall() == [("missing",)]


def test_real_deliveries_set_synthetic_ones_aside(copied):
    (copied.source / "SYNTHETIC.json").unlink()
    path = copied.source / STREET.format(month="2026-08")
    path.write_text(path.read_text(encoding="utf-8").replace("Street 1", "Street 2"), "utf-8")
    night.pull(copied.settings, copied.contracts)
    night.gate_one(copied.settings, copied.contracts, lambda line: None)
    current = [d for d in deliveries(copied.settings, copied.contracts) if d.is_current]
    assert [d.receipt.period for d in current] == ["2026-08"]
    unset = settings_at(copied.settings.home)
    assert night.source_of(unset) is None  # made-up extracts are never put beside real ones


def test_a_failing_dbt_test_refuses_publication_byte_for_byte(copied):
    before = published_bytes(copied.settings)
    night.write_manifest(copied.settings, copied.contracts)
    results = night.build(copied.settings, copied.contracts)
    assert dbt.blocking(results) == []
    record = copied.settings.warehouse / "build.json"
    found = json.loads(record.read_text(encoding="utf-8"))
    found["failed"] = ["cells_add_up_fct_measure_"]
    record.write_text(json.dumps(found), encoding="utf-8")
    verdict = night.gate_two(copied.settings)
    assert not verdict.allow
    with pytest.raises(PublicationRefused, match="cells_add_up"):
        night.publish(copied.settings, copied.contracts)
    assert published_bytes(copied.settings) == before


def test_a_candidate_that_changed_after_its_verdict_is_refused(copied):
    before = published_bytes(copied.settings)
    candidate = dbt.candidate_path(copied.settings)
    with duckdb.connect(str(candidate)) as connection:
        connection.execute('update marts.fct_measure set "count" = 7 where "count" = 6')
    with pytest.raises(PublicationRefused, match="another candidate"):
        night.publish(copied.settings, copied.contracts)
    with pytest.raises(PublicationRefused, match="not the one that dbt finished"):
        night.gate_two(copied.settings)
    (copied.settings.warehouse / "verdict.json").unlink()
    with pytest.raises(PublicationRefused, match="no verdict"):
        night.publish(copied.settings, copied.contracts)
    assert published_bytes(copied.settings) == before


def test_a_poisoned_mart_is_held_by_gate_2(copied):
    candidate = dbt.candidate_path(copied.settings)
    with duckdb.connect(str(candidate)) as connection:
        connection.execute('update marts.fct_measure set "count" = -1 where rowid = 0')
    record = copied.settings.warehouse / "build.json"
    found = json.loads(record.read_text(encoding="utf-8"))
    found["candidate_sha256"] = sha256_of(candidate)
    record.write_text(json.dumps(found), encoding="utf-8")
    verdict = night.gate_two(copied.settings)
    assert not verdict.allow
    assert any("count_never_negative" in reason for reason in verdict.reasons)


def test_verify_finds_one_changed_byte(copied):
    path = copied.settings.published / "parquet" / "marts" / "dim_area.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    (copied.settings.published / "extra.txt").write_text("x")
    (copied.settings.published / "parquet" / "marts" / "dim_period.parquet").unlink()
    assert differences(copied.settings.published) == [
        "parquet/marts/dim_period.parquet is missing",
        "extra.txt is not in the manifest",
        "parquet/marts/dim_area.parquet has changed",
    ]


def test_a_reader_keeps_its_snapshot_through_a_publication(copied, run_night):
    with duckdb.connect(
        str((copied.settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as reader:
        before = reader.sql('select sum("count") from marts.fct_measure').fetchone()
        (copied.source / STREET.format(month="2024-07")).rename(copied.source / "gone")
        path = copied.source / STREET.format(month="2026-01")
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:-3]), encoding="utf-8")
        run_night(copied.settings)
        assert reader.sql('select sum("count") from marts.fct_measure').fetchone() == before
    after = read_manifest(copied.settings.published)
    street = [d for d in after["deliveries"] if d["feed"] == "police/street_crime"]
    assert len(street) == MONTHS


OLD_READER = """
import sys, duckdb
assert duckdb.__version__.startswith('1.1'), duckdb.__version__
with duckdb.connect(sys.argv[1], read_only=True) as c:
    print(c.execute("select count(*) from marts.anti_social_behaviour").fetchone()[0])
"""


def test_duckdb_1_1_opens_the_published_database(built, tmp_path):
    target = tmp_path / "old"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--target",
            str(target),
            "duckdb==1.1.3",
        ],
        check=True,
    )
    answer = subprocess.run(
        [sys.executable, "-c", OLD_READER, str(built.settings.published / "warehouse.duckdb")],
        env={**os.environ, "PYTHONPATH": str(target)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(answer.stdout) > 1000


# What stands on disk when each step is half done; the process is killed as soon as it appears.
MOMENTS = {
    "landing": lambda home: any((home / "landing").glob("*/*/*/*.json")),
    "parsing": lambda home: any((home / "raw").glob("*/*/2*/*.parquet")),
    "dbt": lambda home: (home / "warehouse" / "candidate.duckdb").exists(),
    "publishing": lambda home: (
        any((home / ".published").glob(".part-*")) if (home / ".published").exists() else False
    ),
}


def test_kill_nine_anywhere_then_a_rerun_gives_the_same_result(built, tmp_path):
    """One home is killed in the middle of every step in turn, then left to finish."""
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "CSP_HOME": str(home),
        "CSP_NOW": NOW,
        "CSP_SOURCE": str(built.source),
    }
    command = [sys.executable, "-m", "orchestration.cli", "refresh"]
    for step, reached in MOMENTS.items():
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None and not reached(home):
            time.sleep(0.002)
        assert process.poll() is None, f"the run ended before {step} was seen"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (home / "published").exists()
    finished = subprocess.run(
        command, env=environment, cwd=PROJECT, check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    settings = settings_at(home)
    assert tables_of(settings) == tables_of(built.settings)
    assert differences(settings.published) == []
    leftovers = [p for p in home.rglob(".part-*") if "dagster" not in p.parts]
    assert leftovers == []


def test_the_same_inputs_give_the_same_tables(built, tmp_path, run_night):
    settings = settings_at(tmp_path / "home", built.source)
    run_night(settings)
    assert tables_of(settings, without=()) == tables_of(built.settings, without=())
    parquet = {n: s for n, s in published_bytes(settings).items() if n.endswith(".parquet")}
    assert parquet == {
        n: s for n, s in published_bytes(built.settings).items() if n.endswith(".parquet")
    }


def test_old_publications_are_pruned(copied):
    store = Path(copied.settings.home) / ".published"
    current = copied.settings.published.resolve()
    for number in range(6):
        shutil.copytree(current, store / f"old-{number}")
    night.publish(copied.settings, copied.contracts)
    assert len(list(store.iterdir())) <= 4
    assert copied.settings.published.resolve().exists()
