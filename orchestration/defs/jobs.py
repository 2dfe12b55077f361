"""The nightly job and its schedule."""

from typing import Any

import dagster as dg

from orchestration import keys, night
from orchestration.defs.tonight import Tonight

NIGHTLY = "nightly"
# The strategic assessment is issued by a person, never by a night.
YEARLY = dg.AssetSelection.assets(
    keys.ASSESSMENT_CANDIDATE, keys.ASSESSMENT_VERDICT, keys.STRATEGIC_ASSESSMENT
)
YEARLY_CHECKS = dg.AssetSelection.checks_for_assets(keys.ASSESSMENT_VERDICT)
# What fails is data or a gate, and the next night tries again; a retried run would say the same.
_TAGS = {"dagster/max_retries": "0"}


def build_job() -> Any:
    """Everything, in one run and one process: a process a step would pay every import again."""
    return dg.define_asset_job(
        NIGHTLY,
        # Checks on external assets (the feeds) are not part of "all assets".
        selection=(dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks())
        - YEARLY
        - YEARLY_CHECKS,
        executor_def=dg.in_process_executor,
        description="Pull, gate 1, dbt build, gate 2, publish. A night with nothing new does "
        "nothing; a refused delivery never stops the other feeds.",
        tags=_TAGS,
    )


def build_schedule(job: Any) -> dg.ScheduleDefinition:
    """At 02:00 in the partnership's own time; skipped, with the reason, when nothing is new."""

    @dg.schedule(
        name="nightly_at_two",
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone="Europe/London",
        description="Every night at 02:00 London time.",
    )
    def nightly_at_two(tonight: dg.ResourceParam[Tonight]) -> dg.SkipReason | dg.RunRequest:
        needed = night.work(tonight.settings, tonight.contracts)
        if not needed.is_needed:
            return dg.SkipReason("nothing is new, and what is published is up to date")
        return dg.RunRequest(tags={"why": "; ".join(needed.reasons)})

    return nightly_at_two
