"""The digest for one recipient, as a subject and plain text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from orchestration.alerts.items import SECTIONS, Digest, Item, Recipient, Rules
from orchestration.core.wording import counted, day

_NOTHING = "Nothing to tell: no refusal, no failure, nothing late, no change."


def for_recipient(recipient: Recipient, items: Iterable[Item], rules: Rules) -> list[Item]:
    """The items in the sections that a role receives; for a liaison officer, only those of the partner."""
    sections = rules.sections[recipient.role]
    return [
        item
        for item in items
        if item.section in sections
        and (not recipient.partner or recipient.partner in item.partners)
    ]


def composed(
    place: str, recipient: Recipient, items: Sequence[Item], rules: Rules, now: datetime,
    *, is_synthetic: bool,
) -> Digest:  # fmt: skip
    """The message with these items, section by section; a long section is truncated and says so."""
    counts = Counter(item.section for item in items)
    totals = [
        counted(counts[key], one, many) for key, (_, one, many) in SECTIONS.items() if counts[key]
    ]
    label = "SYNTHETIC " if is_synthetic else ""
    subject = f"{label}Community safety warehouse, {place}, {day(now)}: "
    subject += ", ".join(totals) or "nothing to tell"
    lines = [f"{place}, {day(now)}. For: {recipient.name} ({recipient.role.replace('_', ' ')})."]
    if is_synthetic:
        lines.append("SYNTHETIC: made-up extracts, not about any place.")
    if not items:
        lines += ["", _NOTHING]
    for key, (heading, *_) in SECTIONS.items():
        found = [item for item in items if item.section == key]
        if not found:
            continue
        lines += ["", heading]
        lines += [f"- {item.sentence}" for item in found[: rules.most_items]]
        if len(found) > rules.most_items:
            lines.append(f"- and {len(found) - rules.most_items} more; csp status shows them all.")
    lines += ["", "Sent by the warehouse itself. Counts and personal data are never in a digest."]
    return Digest(subject, "\n".join(lines) + "\n", tuple(items))
