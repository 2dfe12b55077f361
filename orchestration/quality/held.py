"""Held measures: which of them a waiver releases, and which measures a candidate holds.

Which measures are held is decided in SQL while the candidate is built (`int_watched_figure` and
`int_held_measure`); the thresholds are in the register.
"""

from __future__ import annotations

import duckdb

from orchestration.core import register
from orchestration.core.settings import Settings
from orchestration.quality import waivers
from orchestration.quality.check_register import load_checks

CHECK = "held_measures"  # the check of `expectations/assessment/gate_3.yaml` that is waived


def releases(settings: Settings) -> list[dict[str, str]]:
    """The measures that a waiver in force releases, each with the delivery that it is for, in order.

    A file of waivers with a fault releases nothing: the night goes on, and gate 3 and `csp waive` say what
    is wrong with it.
    """
    checks = load_checks(settings.assessment_suites / "gate_3.yaml")
    try:
        found = waivers.load_all(register.waiver_files(settings), settings.today, checks)
    except waivers.WaiverError:
        return []
    scopes = sorted(
        waiver.scope.split("/", 1)
        for waiver in found
        if waiver.check == CHECK and waiver.expires >= settings.today
    )
    return [{"measure_id": measure, "delivery_id": delivery} for measure, delivery in scopes]


def of_candidate(connection: duckdb.DuckDBPyConnection, database: str) -> list[dict[str, str]]:
    """The measures that an attached candidate holds, or that a waiver releases, in their order.

    One entry a measure: measure_id, state (held or waived), scope (of the waiver that releases it), feed,
    and a sentence that says why, without a value from the data.
    """
    found: list[dict[str, str]] = (
        connection.table(f"{database}.governance.held_measures")
        .select("measure_id, state, waiver_scope as scope, feed, sentence")
        .order("measure_id")
        .df()
        .to_dict("records")
    )
    return found
