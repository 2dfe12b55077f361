"""The scrub as a job: each night a share of all that is kept is read, and what is derived is mended."""

import dagster as dg

from orchestration import night
from orchestration.core.wording import counted
from orchestration.defs.tonight import Tonight
from orchestration.quality.chance import thresholds_of
from orchestration.scrub import fsck

SCRUB = "scrub"


def build_job(executor: dg.ExecutorDefinition = dg.in_process_executor) -> dg.JobDefinition:
    """One step. What cannot be made again fails it, so that the run says so as the digest does."""

    @dg.op
    def check(context: dg.OpExecutionContext, tonight: dg.ResourceParam[Tonight]) -> None:
        settings = tonight.settings
        share = int(thresholds_of(settings)["scrub_nights"])
        with night.alone(settings):
            found = fsck.check(settings, tonight.contracts, share=share, repair=True)
        for fault in found.faults:
            (context.log.error if fault.stands else context.log.warning)(fault.sentence)
        context.add_output_metadata(
            {
                "files read": found.read,
                "files kept": found.of,
                "mended": len(found.faults) - len(found.standing),
                "faults that stand": len(found.standing),
                "ledger ends with": found.head,
            }
        )
        if found.standing:
            raise dg.Failure(
                f"{counted(len(found.standing), 'fault')}: {found.standing[0].sentence}",
                allow_retries=False,
            )

    @dg.job(
        name=SCRUB,
        executor_def=executor,
        description="Reads a share of everything that is kept, so that all of it is read within the "
        "nights of the threshold scrub_nights; makes again what is derived and names the rest.",
        tags={"dagster/max_retries": "0"},
    )
    def scrub() -> None:
        check()

    return scrub


def build_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """After the night, and before the digest that tells of it."""
    return dg.ScheduleDefinition(
        name="scrub_at_five",
        job=job,
        cron_schedule="0 5 * * *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night at 05:00 London time.",
    )
