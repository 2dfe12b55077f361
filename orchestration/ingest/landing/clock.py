"""Whether a run's clock can be right, as far as the home and the machine can tell.

Asked before any work: a night at a time at which nothing had come makes extracts for years, or pulls
everything anew with a moment of receipt that no later night can take back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orchestration.core import register
from orchestration.core.settings import Settings, SettingsError
from orchestration.core.wording import day
from orchestration.ingest.landing.receipts import receipts

# A partnership receives something every month: a longer gap is a clock that jumped, or a partnership
# that stopped. The purge asks the same.
DAYS_AHEAD = 62
_A_DAY = timedelta(days=1)  # a home is often filled during the day whose night is replayed


class ClockImpossible(SettingsError):
    """No result could be right at this time, so nothing was begun. The message is one sentence."""


def require_believable(settings: Settings) -> None:
    """Refuse a clock at which no result could be right; any other past night may be replayed.

    Of a replay (`CSP_NOW`): before the first year that is compared, before anything was received, or
    long after both the machine's clock and the newest delivery. Of the machine's own clock: before the
    first year, or long before most deliveries (a few may have come while it was ahead).

    Raises:
        ClockImpossible: it is such a clock.
        SettingsError: the years of the strategy cannot be read.
    """
    says, remedy = (
        f"the machine's clock says {settings.now:%Y-%m-%d}",
        "set the clock, then try again",
    )
    if settings.is_replay:
        says = f"CSP_NOW is {settings.now:%Y-%m-%d}"
        remedy = "set it to a night since then, or leave it out"
    first_day = register.strategy_years(settings)[0].starts_on
    if settings.today < first_day:
        raise ClockImpossible(f"{says}, and nothing is counted before {day(first_day)}; {remedy}")
    came = received(settings)
    if settings.is_replay:
        if came and came[0] - settings.now > _A_DAY:
            raise ClockImpossible(
                f"{says}, and the first delivery in this home came on {day(came[0])}, so nothing was "
                f"known; {remedy}"
            )
        if settings.now > max([datetime.now(UTC), *came[-1:]]) + timedelta(days=DAYS_AHEAD):
            raise ClockImpossible(
                f"{says}, long after the machine's clock and every delivery, and only a past night can "
                "be replayed; set it to one, or leave it out"
            )
    elif came and (half := came[len(came) // 2]) - settings.now > timedelta(days=DAYS_AHEAD):
        raise ClockImpossible(
            f"{says}, and half of the deliveries in this home came on {day(half)} or later; set the "
            "clock, or if it is right, start again with an empty CSP_HOME"
        )


def received(settings: Settings) -> list[datetime]:
    """When each delivery was received, the first one first."""
    return sorted(datetime.fromisoformat(receipt.received_at) for receipt in receipts(settings))
