"""Items on what the scrub found, and on a publication that was put back."""

from __future__ import annotations

from orchestration.alerts.items import Item, Rules, mark_of
from orchestration.core.settings import Settings
from orchestration.release.publish import standing_put_back
from orchestration.scrub import state


def damage_items(settings: Settings, rules: Rules) -> list[Item]:
    """What stands of the last scrub, what it made again, and that no scrub has been made for a while."""
    last, items = state.load(settings), list[Item]()
    for fault in last.faults if last else ():
        key = f"damaged:{mark_of(fault.sentence)}"
        items.append(Item(key, "damaged", f"{fault.sentence}.", is_standing=fault.stands))
    if (back := standing_put_back(settings)) is not None:
        sentence = (
            f"The publication before is back since {back['at'][:10]}, by {back['by']}: {back['why']}. "
            "The next night with something new publishes again."
        )
        items.append(Item(f"put_back:{back['at']}", "runs", sentence, is_standing=True))
    return items
