"""Fixtures: one warehouse is built for the whole session; whoever changes it works on a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import night
from orchestration.contracts.odcs import Contract
from orchestration.core.office_documents import excel
from orchestration.core.settings import PROJECT, Settings, from_environment
from orchestration.synthetic import sample
from tests.support import editions

NOW = "2026-11-23T02:00:00+00:00"
MONTHS = 26  # July 2024 to August 2026: one whole strategy year, and months that never came
excel()  # before a test imports openpyxl itself: see there
REAL_DATA = PROJECT.parent / "shared" / "data"


# The files that take longest go first, so that no worker is left with one at the end; and of these first
# the two that make what others need, so that nobody stands and waits for it.
LONGEST_FIRST = (
    "test_edition_frozen.py",
    "test_dagster.py",
    "test_kill.py",
    "test_service.py",
    "test_edition_held.py",
    "test_edition_refused.py",
    "test_edition_real_data.py",
    "test_edition_pages.py",
    "test_cli.py",
    "test_in_parts.py",
    "test_add_a_feed.py",
    "test_encrypted_night.py",
    "test_unattended.py",
    "test_other_partnership_folder.py",
    "test_faults.py",
    "test_faults_downstream.py",
    "test_held_night.py",
    "test_planted_city.py",
)


# Fixtures behind which a whole night or an edition is built.
BUILT = {"built", "copied", "issued_home", "real_data", "real_home"}
# Files that take seconds without one: servers, hostile files, encryption, attacks on disclosure
# control, rendered editions, the synthetic city, and what imports Great Expectations or starts programs.
SLOW = (
    "anomalies", "contract_check", "csv_reader", "deployment", "disclosure", "edition", "encryption",
    "explain", "fault_campaign", "fuzz", "gate_one", "gate_three_counter", "landing", "launcher", "package",
    "personal", "planted", "pseudonyms", "readers", "rekey", "report", "retention", "scanner", "schedule",
    "security", "spreadsheets", "sql_is_confined", "synthetic", "transport", "vault",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`, as `make check` runs the tests."""
    parser.addoption(
        "--quick", action="store_true", help="leave out what needs a built warehouse or seconds"
    )


def is_quick(item: pytest.Item) -> bool:
    """Whether a test needs neither a built warehouse nor seconds of its own."""
    name = item.path.name.removeprefix("test_")
    return not (BUILT & set(getattr(item, "fixturenames", ())) or name.startswith(SLOW))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file, and among the rest, tests keep their order."""
    rank = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=[item for item in items if not is_quick(item)])
        items[:] = [item for item in items if is_quick(item)]


def settings_at(home: Path, source: Path | None = None, now: str = NOW) -> Settings:
    """Settings with a fixed clock."""
    environment = {"CSP_HOME": str(home), "CSP_NOW": now, "CSP_WAIT_SECONDS": "0"}
    return from_environment(environment | ({"CSP_SOURCE": str(source)} if source else {}))


@dataclass(frozen=True)
class Built:
    """A finished night: its settings (home and source), contracts and Dagster's result."""

    settings: Settings
    contracts: dict[str, Contract]
    source: Path
    run: Any
    instance: Any

    def connect(self) -> duckdb.DuckDBPyConnection:
        database = (self.settings.published / "warehouse.duckdb").resolve()
        return duckdb.connect(str(database), read_only=True)


def of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of the session share."""
    own = tmp_path_factory.getbasetemp()
    # Workers of pytest-xdist have a folder each, in one that is the session's.
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def refresh(settings: Settings) -> None:
    """The synthetic city, through the nightly job, by the real command."""
    from tests.support.commands import csp

    assert settings.source is not None
    sample.write(settings, Path(settings.source), months=MONTHS)
    answer = csp("refresh", home=settings.home, source=settings.source)
    assert answer.code == 0, answer.error


@contextmanager
def the_only_night(settings: Settings) -> Iterator[tuple[Any, Any]]:
    """What Dagster recorded of the one night that a home has seen: its result, and the instance."""
    import dagster as dg

    from orchestration.defs.definitions import build_definitions

    with dg.DagsterInstance.from_config(str(settings.home / "dagster")) as instance:
        (run,) = instance.get_runs()
        logs = instance.all_logs(run.run_id)
        told = [entry.dagster_event for entry in logs if entry.dagster_event is not None]
        job = build_definitions(settings).resolve_job_def("nightly")
        yield dg.ExecuteInProcessResult(told, run, None, job), instance


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """A night of the synthetic city in Dagster, once for all workers. Read only."""
    folder = of_the_session(tmp_path_factory)
    source = folder / "built-source"
    settings = editions.once(settings_at(folder / "built", source), refresh)
    with the_only_night(settings) as (result, instance):
        yield Built(settings, night.contracts_of(settings), source, result, instance)


@pytest.fixture
def copied(built: Built, tmp_path: Path) -> Built:
    """A copy of the session's home and source that a test may change."""
    shutil.copytree(built.settings.home, tmp_path / "home", symlinks=True)
    shutil.copytree(built.source, tmp_path / "source")
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    return replace(built, settings=settings, source=tmp_path / "source")


@pytest.fixture(scope="session")
def issued_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The whole synthetic city with 2024-25 and 2025-26 issued, once for all workers. Read only."""
    settings = settings_at(of_the_session(tmp_path_factory) / "issued")
    return editions.once(settings, editions.publish_and_issue)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real public files, where it is there."""
    if not (REAL_DATA / "police").is_dir():
        pytest.skip("the real police files are not here (they are not part of the project)")
    return REAL_DATA


@pytest.fixture(scope="session")
def real_home(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the real files published, once for all workers. Read only."""
    settings = settings_at(of_the_session(tmp_path_factory) / "real", real_data)
    return editions.once(settings, editions.publish)
