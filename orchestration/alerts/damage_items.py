"""Items on what the scrub found, and on a publication that was put back."""

from __future__ import annotations

import hashlib

from orchestration.alerts.items import Item, Rules
from orchestration.core.settings import Settings
from orchestration.release.publish import standing_put_back
from orchestration.scrub import state


def damage_items(settings: Settings, rules: Rules) -> list[Item]:
    """What stands of the last scrub, what it made again, and that no scrub has been made for a while."""
    last, items = state.load(settings), list[Item]()
    for fault in last.faults if last else ():
        mark = hashlib.sha256(fault.sentence.encode()).hexdigest()[:16]
        items.append(
            Item(f"damaged:{mark}", "damaged", f"{fault.sentence}.", is_standing=fault.stands)
        )
    if (back := standing_put_back(settings)) is not None:
        sentence = (
            f"The publication before is back since {back['at'][:10]}, by {back['by']}: {back['why']}. "
            "The next night with something new publishes again."
        )
        items.append(Item(f"put_back:{back['at']}", "runs", sentence, is_standing=True))
    return items
