"""The nightly job and its schedule."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from orchestration import night
from orchestration.defs import asset_keys
from orchestration.defs.tonight import Tonight

NIGHTLY = "nightly"
# The strategic assessment is issued by a person, never by a night.
YEARLY = dg.AssetSelection.assets(
    asset_keys.ASSESSMENT_CANDIDATE, asset_keys.ASSESSMENT_VERDICT, asset_keys.STRATEGIC_ASSESSMENT
)
YEARLY_CHECKS = dg.AssetSelection.checks_for_assets(asset_keys.ASSESSMENT_VERDICT)
# A gate's refusal is not retried: a second run would give the same result, and the next night tries
# again. `Failure(allow_retries=False)` stops retries of the step only, so run retries are stopped here.
# A run whose process died (a crash, lack of memory, a restart) is retried once, from its beginning.
_TAGS = {
    "dagster/max_retries": "1",
    "dagster/retry_on_asset_or_op_failure": "false",
    "dagster/retry_strategy": "ALL_STEPS",
}


def build_job(
    feeds: Iterable[str], executor: dg.ExecutorDefinition = dg.in_process_executor
) -> Any:
    """Everything in one run and one process: with a process per step, every step would repeat all imports.

    The feeds are taken in at once, by gate 1; what they do alone is for whoever asks for one.
    """
    alone = dg.AssetSelection.assets(*(asset_keys.feed_key(feed) for feed in feeds))
    return dg.define_asset_job(
        NIGHTLY,
        selection=((dg.AssetSelection.all() - alone) | dg.AssetSelection.all_asset_checks())
        - YEARLY
        - YEARLY_CHECKS,
        executor_def=executor,
        description="Pull, gate 1, dbt build, gate 2, publish. A night with nothing new does "
        "nothing; a refused delivery never stops the other feeds.",
        tags=_TAGS,
    )


def build_schedule(job: Any, cron: str) -> dg.ScheduleDefinition:
    """At 02:00 in the partnership's own time; skipped, with the reason, if nothing is new.

    It is on by default: a schedule that has to be switched on by hand is easily forgotten.
    """

    @dg.schedule(
        name="nightly_at_two",
        job=job,
        cron_schedule=cron,
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night at 02:00 London time.",
    )
    def nightly_at_two(tonight: dg.ResourceParam[Tonight]) -> dg.SkipReason | dg.RunRequest:
        needed = night.work(tonight.settings.of_this_moment(), tonight.contracts)
        if not needed.is_needed:
            return dg.SkipReason("nothing is new, and what is published is up to date")
        return dg.RunRequest(tags={"why": "; ".join(needed.reasons)})

    return nightly_at_two
