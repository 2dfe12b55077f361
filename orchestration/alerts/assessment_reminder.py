"""The yearly reminder: a strategy year has closed, and no edition has been issued for it."""

from __future__ import annotations

from datetime import date

from orchestration.alerts.items import Item
from orchestration.core import register
from orchestration.core.settings import Settings
from orchestration.core.wording import day


def reminder_items(settings: Settings) -> list[Item]:
    """A reminder from 1 April until an edition of the most recently closed year has been issued."""
    closed = [
        (year.ends_on, year.label)
        for year in register.strategy_years(settings)
        if year.role == "strategy" and year.ends_on < settings.today
    ]
    if not closed:
        return []
    ended, year = max(closed)
    if any(path.is_dir() for path in (settings.editions / year).glob("v*")):
        return []
    by = date(ended.year, 6, 30)
    words = "it is to be issued by" if settings.today <= by else "it was to be issued by"
    sentence = (
        f"The strategy year {year} closed on {day(ended)}, and no edition of its strategic "
        f"assessment is there; {words} {day(by)}."
    )
    return [Item(f"edition:{year}", "reminders", sentence, is_standing=True)]
