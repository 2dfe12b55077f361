"""Proves that Dagster still has what is used of its private modules, or says what an upgrade took away."""

import ast
import importlib
from functools import reduce
from importlib.metadata import version

import pytest

from orchestration.core.settings import PROJECT

MODULES = ("orchestration/defs/dagster_internals.py", "tests/support/dagster_internals.py")
# What is called on them, and on public classes, without being documented.
CALLED = [
    ("dagster", "DefaultRunLauncher._get_grpc_client_for_termination"),
    ("dagster", "DefaultRunLauncher.check_run_worker_health"),
    ("dagster", "DefaultRunLauncher.supports_check_run_worker_health"),
    ("dagster", "DagsterInstance.compute_log_manager"),
    ("dagster", "DagsterInstance.event_log_storage"),
    ("dagster", "DagsterInstance.run_storage"),
    ("dagster._grpc.client", "DagsterGrpcClient.can_cancel_execution"),
    ("dagster._grpc.types", "CanCancelExecutionResult"),
    ("dagster._core.storage.event_log", "SqlEventLogStorage.index_connection"),
    ("dagster._core.storage.event_log", "SqlEventLogStorage.delete_events_for_run"),
    ("dagster._core.storage.event_log", "SqliteEventLogStorage.path_for_shard"),
    ("dagster._core.storage.event_log.schema", "AssetCheckExecutionsTable.c.run_id"),
    ("dagster._core.storage.runs", "SqlRunStorage.connect"),
    ("dagster._core.storage.runs", "SqlRunStorage.delete_run"),
    ("dagster._core.storage.runs.schema", "RunTagsTable.c.run_id"),
]


def imported():
    """The private names that are imported, without importing what might fail on one of them."""
    for path in MODULES:
        for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dagster._"):
                yield from ((node.module, alias.name) for alias in node.names)


def what_is_missing(module, name):
    """One sentence about a name that Dagster no longer has; null where it has it."""
    try:
        reduce(getattr, name.split("."), importlib.import_module(module))
    except (ImportError, AttributeError):
        return (
            f"dagster {version('dagster')} no longer has {module}.{name}; "
            f"{MODULES[0]} says what it is needed for and must do without it"
        )
    return None


@pytest.mark.parametrize(("module", "name"), [*imported(), *CALLED])
def test_dagster_still_has(module, name):
    missing = what_is_missing(module, name)
    assert missing is None, missing


@pytest.mark.parametrize(
    ("module", "name"),
    [("dagster._nowhere", "X"), ("dagster._grpc.types", "X"), ("dagster", "DagsterInstance.xyz")],
)
def test_what_an_upgrade_took_away_is_said_in_a_sentence(module, name):
    assert f"no longer has {module}.{name}; " in what_is_missing(module, name)
