"""The code location: `build_definitions` puts the parts together; nothing runs at import."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from orchestration import night
from orchestration.core.settings import Settings, SettingsError, from_environment
from orchestration.defs import (
    alerts,
    anomalies,
    assessment,
    executor,
    housekeeping,
    jobs,
    raw,
    release,
    scrub,
    sensors,
)
from orchestration.defs import dbt as dbt_defs
from orchestration.defs.tonight import Tonight
from orchestration.edition.candidate import strategy_years
from orchestration.ingest.landing.pull_record import Pull
from orchestration.quality.check_register import load_checks
from orchestration.transform.dbt import manifest_path


def build_definitions(
    settings: Settings,
    *,
    manifest: Path | None = None,
    only: tuple[str, ...] = (),
    pulled: Pull | None = None,
    is_full: bool = False,
) -> dg.Definitions:
    """Fresh definitions for `settings`. `manifest` is dbt's parsed manifest (a build product); `only`,
    `pulled` and `is_full` are what its runs are given (`Tonight`).

    Raises:
        SettingsError: the manifest has not been made yet.
    """
    parsed = manifest or manifest_path(settings)
    if not parsed.exists():
        raise SettingsError(
            "the dbt manifest is missing; run `make refresh` or `csp prepare` first"
        )
    contracts = night.contracts_of(settings)
    dbt_build = dbt_defs.build_dbt_assets(parsed)
    feeds = raw.build_feeds(contracts)
    raw_steps = raw.build_raw(contracts)
    release_steps = release.build_release(dbt_build, settings.mart_suites)
    yearly_steps = assessment.build_assessment(
        strategy_years(settings), load_checks(settings.assessment_suites / "gate_3.yaml")
    )
    anomaly_checks = anomalies.build_anomaly_checks(contracts)
    steps = [*feeds, *raw_steps, anomaly_checks, dbt_build, *release_steps, *yearly_steps]
    alone = executor.of_one_run(settings, dg.in_process_executor)
    nightly = jobs.build_job(contracts, alone)
    tidying = housekeeping.build_job(alone)
    digest = alerts.build_job()
    scrubbing = scrub.build_job(alone)
    return dg.Definitions(
        assets=[step for step in steps if not isinstance(step, dg.AssetChecksDefinition)],
        asset_checks=[step for step in steps if isinstance(step, dg.AssetChecksDefinition)],
        jobs=[nightly, tidying, digest, scrubbing, assessment.build_job(alone)],
        schedules=[
            jobs.build_schedule(nightly, settings.schedule),
            housekeeping.build_schedule(tidying),
            alerts.build_schedule(digest),
            scrub.build_schedule(scrubbing),
        ],
        sensors=[sensors.build_landing_sensor(nightly)],
        # What a person or a backfill asks for, in one process too. The digest alone runs beside a run.
        executor=alone,
        resources={"tonight": Tonight(settings, contracts, only, pulled, is_full)},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `dagster dev`, `dg` and the daemon load."""
    return build_definitions(from_environment(os.environ))
