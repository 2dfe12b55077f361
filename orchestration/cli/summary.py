"""What a run and the status command report: the grid, the gates, what is published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from orchestration.cli.status_grid import LEGEND, render
from orchestration.contracts.odcs import Contract
from orchestration.core import periods, register
from orchestration.core.settings import Settings
from orchestration.ingest.landing.deliveries import PASSED, Delivery, deliveries
from orchestration.ingest.landing.pull_record import last_pull
from orchestration.quality.gate_two import read_verdict
from orchestration.release.verify import read_manifest


def states(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, dict[str, str]]:
    """The state of every period due from a feed (its own part), by feed; periods in order."""
    found = deliveries(settings, contracts)
    return {
        feed: _feed_states(settings, contract, [d for d in found if d.receipt.feed == feed])
        for feed, contract in contracts.items()
    }


def _feed_states(settings: Settings, contract: Contract, found: list[Delivery]) -> dict[str, str]:
    part = contract.expected_part(settings.partnership)
    by_period: dict[str, list[Delivery]] = {}
    for delivery in found:
        if delivery.receipt.part == part:
            by_period.setdefault(delivery.receipt.period, []).append(delivery)
    kind, today = contract.period_kind, periods.month_of(settings.today)
    if kind == periods.EDITION:
        editions = sorted(by_period) or ([] if contract.retired else ["any edition"])
        return {edition: _state(by_period.get(edition, []), is_due=True) for edition in editions}
    # From the first period that is owed or was delivered to the current one, by first months.
    received = {
        periods.first_month(kind, label): found
        for label, found in by_period.items()
        if periods.is_period(kind, label)
    }
    begins = min([*received, max(register.first_month(settings), contract.kept_from or "")])
    ends = periods.last_month(kind, periods.label_of(kind, max([*received, today])))
    due = contract.due_through(settings.today)
    due_month = periods.first_month(kind, due)
    months = {
        label: periods.first_month(kind, label)
        for label in periods.periods_between(kind, begins, ends)
    }
    return {
        label: _state(received.get(month, []), is_due=month <= due_month)
        for label, month in months.items()
    }


def _state(found: list[Delivery], is_due: bool) -> str:
    if any(delivery.is_current for delivery in found):
        return "delivered"
    if any(delivery.state not in (PASSED, "landed") for delivery in found):
        return "refused"
    return "missing" if is_due else "not_due"


def facts(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, Any]:
    """Everything that `csp status --json` gives."""
    found = deliveries(settings, contracts)
    published = read_manifest(settings.published) if settings.published.exists() else None
    verdict = read_verdict(settings)
    return {
        "area_code": settings.partnership.area_code,
        "area_name": settings.partnership.area_name,
        "feeds": states(settings, contracts),
        "refused": [
            {
                "feed": delivery.receipt.feed,
                "delivery": delivery.receipt.delivery_id,
                "reason": delivery.record.reason,
                "report": f"quarantine/{delivery.receipt.feed}/{delivery.receipt.delivery_id}/report.txt",
            }
            for delivery in found
            if delivery.record and delivery.state != PASSED
        ],
        "sources": [
            {key: problem[key] for key in ("source", "kind", "feeds", "sentence")}
            for problem in (last_pull(settings) or {"problems": []})["problems"]
        ],
        "gate_1": dict(Counter(delivery.state for delivery in found)),
        "gate_2": {
            "outcome": "none" if verdict is None else "allow" if verdict.allow else "hold",
            "reasons": list(verdict.reasons) if verdict else [],
        },
        "published": None
        if published is None
        else {key: published[key] for key in ("published_at", "synthetic", "inputs", "tables")},
    }


def as_json(settings: Settings, contracts: Mapping[str, Contract]) -> str:
    """`facts` as JSON text."""
    return json.dumps(facts(settings, contracts), indent=2, ensure_ascii=False)


def grid(settings: Settings, contracts: Mapping[str, Contract]) -> str:
    """Feeds by month, one line per feed, then the gates and the publication."""
    kinds = {feed: contract.period_kind for feed, contract in contracts.items()}
    return "\n".join(
        [
            f"{settings.partnership.area_name} ({settings.partnership.area_code})",
            "",
            *render(states(settings, contracts), kinds),
            "",
            LEGEND,
            *retired_line(contracts),
            text(settings, contracts),
        ]
    )


def retired_line(contracts: Mapping[str, Contract]) -> list[str]:
    """A line that names the retired feeds, if there are any."""
    retired = [feed for feed, contract in contracts.items() if contract.retired]
    return [f"retired, nothing is pulled or expected: {', '.join(retired)}"] if retired else []


def text(settings: Settings, contracts: Mapping[str, Contract]) -> str:
    """The summary after a run: feeds, gates, publication, where the database is."""
    known = facts(settings, contracts)
    current = [delivery for delivery in deliveries(settings, contracts) if delivery.is_current]
    counts = Counter(delivery.receipt.feed for delivery in current)
    lines = ["", "Feeds"]
    for feed in contracts:
        states_ = Counter(known["feeds"][feed].values())
        rest = ", ".join(f"{states_[s]} {s}" for s in ("refused", "missing") if states_[s])
        lines.append(f"  {feed:38} {counts[feed]:4} live" + (f", {rest}" if rest else ""))
    if known["sources"]:
        number = len(known["sources"])
        lines.append(
            f"Sources  {number} {'problem' if number == 1 else 'problems'} at the last pull"
        )
        lines += [
            f"  {problem['source'] or 'the source'} ({problem['kind']}): "
            + problem["sentence"].removeprefix(f"{problem['source']}: ")
            for problem in known["sources"][:5]
        ]
    refused = known["refused"]
    lines.append(f"Gate 1  {known['gate_1'].get(PASSED, 0)} passed, {len(refused)} set aside")
    for entry in refused[-5:]:
        lines.append(f"  {entry['feed']} {entry['delivery']}: {entry['reason']}")
        lines.append(f"    report: {entry['report']}")
    lines.append(f"Gate 2  {known['gate_2']['outcome']}")
    lines += [f"  {reason}" for reason in known["gate_2"]["reasons"][:5]]
    published = known["published"]
    if published is None:
        lines.append("Published  nothing yet")
    else:
        label = (
            "  SYNTHETIC: made-up extracts, not about any place" if published["synthetic"] else ""
        )
        marts = sum(name.startswith("marts.") for name in published["tables"])
        lines.append(
            f"Published  {published['published_at']}: {marts} tables in marts, "
            f"{len(published['tables']) - marts} in governance{label}"
        )
        lines.append(f"  {settings.published / 'warehouse.duckdb'}")
    return "\n".join(lines)
