"""Disk space: reported while some is left, since without it every night fails."""

from __future__ import annotations

import shutil

from orchestration.alerts.items import Item, Rules
from orchestration.core.files import size_of
from orchestration.core.settings import Settings

_GIB = 1 << 30


def room_items(settings: Settings, rules: Rules) -> list[Item]:
    """A warning where the disk has too little space for the number of nights that the rules ask for.

    A night needs what the last one wrote besides deliveries: the candidate and the publication.
    """
    night = size_of(settings.warehouse) + size_of(settings.published.resolve())
    if not night:
        return []
    free = shutil.disk_usage(settings.home).free
    nights = free // night
    if nights >= rules.least_free_nights:
        return []
    sentence = (
        f"The disk that CSP_HOME is on has {free / _GIB:.1f} GiB left, room for {nights} more nights "
        "like the last."
    )
    return [Item("room", "room", sentence, is_standing=True)]
