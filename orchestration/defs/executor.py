"""How runs of the service are executed: alone in the home, from the first step to the last.

Whoever launches a run (schedule, sensor, page, backfill, Dagster's own command line), its executor
takes the home's lock, waits for it, or ends the run so that the daemon tries it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import night
from orchestration.core import one_run
from orchestration.core.settings import Settings
from orchestration.ingest.landing import clock

# A run that waited in vain is asked for again this often, with a wait each time.
_MOST_TRIES = 12
_TRY_AGAIN = {"dagster/max_retries": str(_MOST_TRIES), "dagster/retry_strategy": "ALL_STEPS"}


def of_one_run(settings: Settings, inner: dg.ExecutorDefinition) -> dg.ExecutorDefinition:
    """An executor like `inner` (with the same configuration) that holds the home's lock throughout."""

    def alone(context: dg.InitExecutorContext) -> dg.Executor:
        create = inner.executor_creation_fn
        assert create is not None
        return _Alone(settings, create(context))

    return dg.ExecutorDefinition(
        name=inner.name,
        config_schema=inner.config_schema.as_field(),
        requirements=inner.get_requirements,
        executor_creation_fn=alone,
    )


class _Alone(dg.Executor):
    """Another executor's work, under the home's lock."""

    def __init__(self, settings: Settings, inner: dg.Executor) -> None:
        self._settings = settings
        self._inner = inner

    @property
    def retries(self) -> Any:
        """As the other executor's."""
        return self._inner.retries

    @property
    def step_dependency_config(self) -> Any:
        """As the other executor's."""
        return self._inner.step_dependency_config

    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[dg.DagsterEvent]:
        """Execute all steps; processes that they are given to join this run.

        Raises:
            AnotherRunIsOn: the lock was not to be had in time. The run is marked to be tried again.
            ClockImpossible: no result could be right at the time of the clock.
        """
        clock.require_believable(self._settings.of_this_moment())
        instance, run_id = plan_context.instance, plan_context.run_id
        try:
            with (
                night.alone(
                    self._settings,
                    f"run {run_id[:8]} of {plan_context.job_name}",
                    plan_context.log.info,
                    lambda: _is_cancelled(instance, run_id),
                ),
                one_run.passed_on(self._settings.home),
            ):
                yield from self._inner.execute(plan_context, execution_plan)
        except one_run.AnotherRunIsOn:
            if not _is_cancelled(instance, run_id):
                instance.add_run_tags(run_id, _TRY_AGAIN)
            raise


def _is_cancelled(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is None or run.status in (
        dg.DagsterRunStatus.CANCELING,
        dg.DagsterRunStatus.CANCELED,
    )
