"""The digest as a separate job, so that it goes out even if the night failed or had nothing to do.

`csp digest` calls the same two functions, so that it shows and sends what the job would.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import dagster as dg

from orchestration.alerts.delivery_items import FailedRun
from orchestration.alerts.items import AlertsError
from orchestration.alerts.send import FAILED, Outcome, Preview, previews, send_digests
from orchestration.contracts.odcs import Contract
from orchestration.core.settings import Settings
from orchestration.defs.tonight import Tonight

DIGEST = "digest"
_LOOKED_BACK = timedelta(days=30)
_MOST_RUNS = 50


def send_now(
    settings: Settings, contracts: Mapping[str, Contract], instance: dg.DagsterInstance
) -> list[Outcome]:
    """Send what each recipient has not been told yet, with the runs that failed.

    Raises:
        AlertsError: no recipients are configured, the configuration is not valid, or somebody else is
            sending them.
    """
    return send_digests(settings, contracts, failed_runs(instance, settings.now - _LOOKED_BACK))


def show_now(
    settings: Settings, contracts: Mapping[str, Contract], instance: dg.DagsterInstance | None
) -> list[Preview]:
    """What `send_now` would send; `None` where no run was ever recorded, or none can be looked up."""
    failed = [] if instance is None else failed_runs(instance, settings.now - _LOOKED_BACK)
    return previews(settings, contracts, failed)


def build_job() -> dg.JobDefinition:
    """One step. A digest that could not be delivered is a warning and is sent the next time."""

    @dg.op
    def send(context: dg.OpExecutionContext, tonight: dg.ResourceParam[Tonight]) -> None:
        settings = tonight.settings.of_this_moment()
        try:
            outcomes = send_now(settings, tonight.contracts, context.instance)
        except AlertsError as problem:
            raise dg.Failure(str(problem), allow_retries=False) from problem
        for outcome in outcomes:
            if outcome.state == FAILED:
                context.log.warning(f"{outcome.recipient}: {outcome.sentence}")
        context.add_output_metadata(
            {outcome.recipient: f"{outcome.state}, {outcome.items} items" for outcome in outcomes}
        )

    @dg.job(
        name=DIGEST,
        executor_def=dg.in_process_executor,
        description="One digest for each who has to know: what is new, refused, late or unusual.",
        tags={"dagster/max_retries": "0"},
    )
    def digest() -> None:
        send()

    return digest


def build_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """In the morning, after the night; skipped if there are no recipients."""

    @dg.schedule(
        name="digest_at_six",
        job=job,
        cron_schedule="0 6 * * *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every morning at 06:00 London time.",
    )
    def digest_at_six(tonight: dg.ResourceParam[Tonight]) -> dg.SkipReason | dg.RunRequest:
        if tonight.settings.alerts is None:
            return dg.SkipReason("CSP_ALERTS names no recipients")
        return dg.RunRequest()

    return digest_at_six


def failed_runs(instance: dg.DagsterInstance, since: datetime) -> list[FailedRun]:
    """The runs that failed since a given time, without their error messages, which may quote a value."""
    records = instance.get_run_records(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since),
        limit=_MOST_RUNS,
    )
    found = []
    for record in records:
        run = record.dagster_run
        steps = instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE, limit=1
        ).records
        event = steps[0].event_log_entry.dagster_event if steps else None
        step = event.step_key if event and event.step_key else ""
        found.append(FailedRun(run.run_id, run.job_name, record.update_timestamp, step))
    return found
