"""Publication: refusals leave the last one untouched, older tools read it, old ones are pruned."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration import night
from orchestration.core import records
from orchestration.core.files import sha256_of
from orchestration.release.publish import PublicationRefused
from orchestration.release.verify import differences
from orchestration.transform import dbt
from tests.support.nights import published_bytes


def test_the_publication_says_what_its_tables_mean(built):
    page = (built.settings.published / "docs" / "dbt.html").read_text(encoding="utf-8")
    assert "model.community_safety.harm" in page and '"type":"DOUBLE"' in page
    assert str(built.settings.home) not in page
    assert differences(built.settings.published) == []


def test_a_failing_dbt_test_refuses_publication_byte_for_byte(copied):
    before = published_bytes(copied.settings)
    record = copied.settings.warehouse / "build.json"
    found = records.read(record)
    assert found["failed"] == []  # as the night that built the session's home left it
    found["failed"] = ["cells_add_up_fct_measure_"]
    records.write(record, found)
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
    found = records.read(record)
    found["candidate_sha256"] = sha256_of(candidate)
    records.write(record, found)
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


def test_old_publications_are_pruned(copied):
    store = Path(copied.settings.home) / ".published"
    current = copied.settings.published.resolve()
    for number in range(6):
        shutil.copytree(current, store / f"old-{number}")
    night.publish(copied.settings, copied.contracts)
    assert len(list(store.iterdir())) <= 4
    assert copied.settings.published.resolve().exists()
