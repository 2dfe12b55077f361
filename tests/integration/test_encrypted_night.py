"""A home that is put under a key publishes what it did before, and neither rows nor the key lie about."""

import contextlib
import io
import json
import shutil
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pytest

from orchestration import night
from orchestration.core.settings import PROJECT
from orchestration.defs.running import run_job
from orchestration.protection.key_file import KeyFileError
from orchestration.release.verify import differences
from orchestration.transform import dbt
from tests.conftest import settings_at
from tests.support.commands import csp
from tests.support.encrypted import FIRST, SECOND, holds_no_key, raw, under
from tests.support.nights import published_bytes, published_parquet

VALUES = (b"Violence and sexual offences", b"Public order", b"stg_police__street_crime")


@dataclass(frozen=True)
class Night:
    """A night under a key over a copy of the session's home: its settings, and all that it said."""

    settings: Any
    contracts: Any
    said: str


@pytest.fixture(scope="module")
def keyed(built, tmp_path_factory):
    """The home was plain, its publication is gone, and a key is set: the whole night through Dagster."""
    folder = tmp_path_factory.mktemp("keyed")
    shutil.copytree(built.settings.home, folder / "home", symlinks=True)
    (folder / "home" / "published").unlink()
    settings = under(settings_at(folder / "home", built.source), folder, FIRST)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        assert run_job(settings, "nightly") is None
    return Night(settings, built.contracts, said.getvalue())


def test_what_is_published_is_the_same(built, keyed):
    def origin(settings):
        manifest = json.loads((settings.published / "manifest.json").read_text(encoding="utf-8"))
        # DuckDB never writes two databases of the same bytes.
        return {**manifest, "files": {**manifest["files"], "warehouse.duckdb": None}}

    assert published_parquet(keyed.settings) == published_parquet(built.settings) != {}
    assert origin(keyed.settings) == origin(built.settings)
    assert differences(keyed.settings.published) == []


def test_no_row_can_be_read_without_the_key(built, keyed):
    files = raw(keyed.settings)
    assert len(files) == len(raw(built.settings)) > 500
    assert {content[:4] for content in files.values()} == {b"PARE"}
    candidate = dbt.candidate_path(keyed.settings)
    assert all(value in dbt.candidate_path(built.settings).read_bytes() for value in VALUES)
    assert not any(value in candidate.read_bytes() for value in VALUES)
    assert [path.name for path in candidate.parent.glob("candidate*")] == ["candidate.duckdb"]
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect(str(candidate), read_only=True)


def test_the_key_is_nowhere(keyed):
    """Not in what dbt compiled and reported, not in Dagster's events, not in what was printed."""
    compiled = [*(keyed.settings.warehouse / "dbt").rglob("*.sql")]
    assert any("footer_key: 'w1'" in path.read_text(encoding="utf-8") for path in compiled)
    folders = (keyed.settings.home, PROJECT / "dbt_project", PROJECT / "seeds")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any("dagster" in path.parts for path in files)
    assert [path for path in files if not holds_no_key(path.read_bytes(), FIRST)] == []
    assert holds_no_key(keyed.said, FIRST)


def test_the_candidate_of_another_key_is_neither_judged_nor_published(keyed, tmp_path):
    before = published_bytes(keyed.settings)
    for lines in ((), (SECOND,)):
        settings = under(keyed.settings, tmp_path, *lines)
        for step in (night.gate_two, lambda settings: night.publish(settings, keyed.contracts)):
            with pytest.raises(KeyFileError, match=r"^candidate.duckdb (is|was) [^\n]* anew$"):
                step(settings)
    assert published_bytes(keyed.settings) == before
    assert night.publish(keyed.settings, keyed.contracts)["inputs"]


def test_another_key_rewrites_raw_and_leaves_what_is_published(keyed, tmp_path):
    shutil.copytree(keyed.settings.home, tmp_path / "home", symlinks=True)
    settings = replace(keyed.settings, home=tmp_path / "home")
    settings = under(settings, tmp_path, SECOND, FIRST)
    assert night.work(settings, keyed.contracts).reasons == (
        "raw and the candidate are not under the key in use",
    )
    said = []
    with night.alone(settings):
        night.gate_one(settings, keyed.contracts, said.append)
    assert said == [
        f"the key of raw has changed: {len(raw(settings))} files were rewritten, and 0 that no key "
        "opens are made anew"
    ]
    assert not night.work(under(settings, tmp_path, SECOND), keyed.contracts).is_needed
    assert not dbt.candidate_path(settings).exists()


def test_a_key_file_that_is_not_there_is_one_sentence(keyed, tmp_path):
    answer = csp(
        "refresh",
        home=tmp_path,
        source=keyed.settings.source,
        CSP_WAREHOUSE_KEY_FILE=str(tmp_path / "none"),
    )
    assert answer.code == 2
    assert answer.is_one_sentence("the key file of the warehouse cannot be read: no such file")
