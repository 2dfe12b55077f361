"""Files that arrive by day: a sensor that requests the night's run when there is something new."""

import hashlib
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from orchestration import extracts, night
from orchestration.core.refusal import SourceError
from orchestration.defs.jobs import NIGHTLY
from orchestration.defs.tonight import Tonight
from orchestration.ingest.landing.receipts import Receipt

LANDING = "landing"
_EVERY = timedelta(minutes=10)
_LONDON = ZoneInfo("Europe/London")
_BY_DAY = range(6, 22)  # hours of the day in London; the night has its own schedule
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def build_landing_sensor(job: dg.JobDefinition) -> dg.SensorDefinition:
    """A sensor that lists the sources and requests a run once the listings are stable.

    The cursor holds what was last seen and what a run was last requested for. A file that cannot be
    taken is therefore requested once and not every ten minutes.
    """

    @dg.sensor(
        name=LANDING,
        job=job,
        minimum_interval_seconds=int(_EVERY.total_seconds()),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="By day: runs the night's job when new files have stopped changing.",
    )
    def landing(
        context: dg.SensorEvaluationContext, tonight: dg.ResourceParam[Tonight]
    ) -> dg.SensorResult:
        return look(context, tonight, datetime.now(_LONDON))

    return landing


def look(
    context: dg.SensorEvaluationContext, tonight: Tonight, moment: datetime
) -> dg.SensorResult:
    """Check the sources once. Nothing is written, and the wait for an unreachable server is short."""
    known = json.loads(context.cursor) if context.cursor else {"seen": "", "asked": ""}
    if (why := _reason_to_wait(context, tonight, moment)) is not None:
        return _skip(why, known)
    try:
        settings = tonight.settings.of_this_moment()
        found = extracts.pull(settings, tonight.contracts, dry=True).landed
    except SourceError as problem:
        return _skip(str(problem), known)
    if not found:
        return _skip("nothing is new", {"seen": "", "asked": ""})
    seen = _mark(found)
    if seen == known["asked"]:
        return _skip("a run was asked for these files already", known)
    if seen != known["seen"]:
        why = "new files; the next look asks for a run if they have come to rest"
        return _skip(why, {**known, "seen": seen})
    needed = night.work(settings, tonight.contracts)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(tags={"why": "; ".join(needed.reasons)})]
        if needed.is_needed
        else [],
        cursor=json.dumps({"seen": seen, "asked": seen}),
    )


def _reason_to_wait(
    context: dg.SensorEvaluationContext, tonight: Tonight, moment: datetime
) -> str | None:
    """Why the sources are not checked at this time; `None` if they are."""
    if tonight.settings.source is None and tonight.settings.sources is None:
        return "no source is set"
    if moment.astimezone(_LONDON).hour not in _BY_DAY:
        return "the night has its own schedule"
    under_way = dg.RunsFilter(job_name=NIGHTLY, statuses=_UNDER_WAY)
    return "a run is on or waits" if context.instance.get_runs_count(under_way) else None


def _mark(found: list[Receipt]) -> str:
    """A fingerprint of a listing of new files."""
    listing = sorted(
        (draft.source, draft.feed, draft.source_path, draft.size, draft.modified) for draft in found
    )
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest()


def _skip(why: str, cursor: dict[str, str]) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=why, cursor=json.dumps(cursor))
