"""Weekly housekeeping: Dagster's old runs, and what killed runs left of publications."""

from datetime import timedelta

import dagster as dg

from orchestration import night
from orchestration.defs import asset_keys
from orchestration.defs.prune_runs import KEPT_DAYS, prune_idle, prune_runs
from orchestration.defs.tonight import Tonight
from orchestration.release import publish

HOUSEKEEPING = "housekeeping"
# Runs that materialised one of these are kept, and so are those that took in a delivery.
_KEEP = (asset_keys.PUBLISHED, asset_keys.STRATEGIC_ASSESSMENT)


class Keep(dg.Config):
    """How many days every run is kept."""

    days: int = KEPT_DAYS


def build_job(executor: dg.ExecutorDefinition = dg.in_process_executor) -> dg.JobDefinition:
    """One step, which touches no data, no deliveries and none of the newest publications."""

    @dg.op
    def prune(
        context: dg.OpExecutionContext, config: Keep, tonight: dg.ResourceParam[Tonight]
    ) -> None:
        if config.days < 1:
            raise dg.Failure(f"days is {config.days}; a run is kept for one day at least")
        with night.alone(tonight.settings):
            publications = publish.tidy(tonight.settings)
        before = tonight.settings.now - timedelta(days=config.days)
        keep = [*_KEEP, *(asset_keys.feed_key(feed) for feed in tonight.contracts)]
        idle = prune_idle(context.instance)
        pruned = prune_runs(context.instance, before, keep)
        context.log.info(
            f"{pruned.gone} runs of before {before:%Y-%m-%d} went, {pruned.kept} stay for what "
            f"they made; {idle} nights that found nothing new went; "
            f"{publications} old or unfinished publications went"
        )
        context.add_output_metadata(
            {
                "runs": pruned.gone,
                "idle nights": idle,
                "kept": pruned.kept,
                "publications": publications,
            }
        )

    @dg.job(
        name=HOUSEKEEPING,
        executor_def=executor,
        description="Removes runs older than 400 days with their events, except those that "
        "published, issued an edition or took in a delivery; and what is left of publications.",
        tags={"dagster/max_retries": "0"},
    )
    def housekeeping() -> None:
        prune()

    return housekeeping


def build_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """On Sundays after the night and the morning's backup."""
    return dg.ScheduleDefinition(
        name="housekeeping_on_sundays",
        job=job,
        cron_schedule="0 7 * * 0",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every Sunday at 07:00 London time.",
    )
