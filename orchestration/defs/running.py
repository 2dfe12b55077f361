"""Running a Dagster job in this process, in the instance that the UI shows."""

from __future__ import annotations

from typing import Any

from orchestration.core.settings import Settings
from orchestration.defs import instance
from orchestration.defs.definitions import build_definitions
from orchestration.defs.prune_runs import prune_idle
from orchestration.ingest.landing.pull_record import Pull


def run_job(
    settings: Settings,
    job: str,
    *,
    only: tuple[str, ...] = (),
    pulled: Pull | None = None,
    is_full: bool = False,
    partition: str | None = None,
    config: dict[str, Any] | None = None,
) -> str | None:
    """Run a job to its end; return `None` if it succeeded, otherwise the reason: one sentence, and
    what dbt said under it."""
    # People read the summary; the run's events are in the instance, where the UI shows them.
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    made = build_definitions(settings, only=only, pulled=pulled, is_full=is_full)
    definition = made.resolve_job_def(job)
    with instance.open_instance(settings) as dagster_instance:
        result = definition.execute_in_process(
            instance=dagster_instance,
            raise_on_error=False,
            partition_key=partition,
            run_config={**quiet, **(config or {})},
            tags=instance.FROM_THE_COMMAND_LINE,
        )
        prune_idle(dagster_instance)
    if result.success:
        return None
    for event in result.all_events:
        if event.is_step_failure:
            return instance.why(event)
    return "the run failed; see the Dagster UI (make dev)"
