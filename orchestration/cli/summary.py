"""What a run and the status command report: the grid, the gates, what is published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from orchestration.cli.status_grid import LEGEND, render
from orchestration.contracts.odcs import Contract
from orchestration.core import periods, register
from orchestration.core.settings import Settings
from orchestration.core.wording import counted
from orchestration.ingest.landing import damage
from orchestration.ingest.landing.deliveries import LANDED, PASSED, Delivery, deliveries
from orchestration.ingest.landing.near_names import Near, near
from orchestration.ingest.landing.pull_record import last_pull
from orchestration.quality.gate_two import read_verdict
from orchestration.quality.held import CHECK
from orchestration.quality.outcomes import in_words, rejected_in_words
from orchestration.release.publish import standing_put_back
from orchestration.release.verify import known_manifest
from orchestration.scrub import state


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
    current = [delivery for delivery in found if delivery.is_current]
    if current:
        is_nil = all(delivery.record and delivery.record.rows == 0 for delivery in current)
        return "nil" if is_nil else "delivered"
    if any(delivery.damage for delivery in found):
        return "damaged"
    if any(delivery.state not in (PASSED, LANDED) for delivery in found):
        return "refused"
    if any(delivery.state == LANDED for delivery in found):
        return "landed"  # also where the result of gate 1 is gone: the next run judges it again
    return "missing" if is_due else "not_due"


def facts(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, Any]:
    """Everything that `csp status --json` gives."""
    found = deliveries(settings, contracts)
    published, pull = known_manifest(settings.published), last_pull(settings)
    verdict, checked = read_verdict(settings), state.load(settings)
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
            if delivery.record and delivery.state != PASSED and not delivery.damage
        ],
        # Of deliveries that count; the rows are in governance.rejected_rows once published.
        "rejected_rows": [
            {
                "feed": delivery.receipt.feed,
                "delivery": delivery.receipt.delivery_id,
                "rows": sum(delivery.record.rejected.values()),
                "of": delivery.record.rows,
                "reasons": dict(delivery.record.rejected),
            }
            for delivery in found
            if delivery.is_current and delivery.record and delivery.record.rejected
        ],
        "sources": [
            {key: problem[key] for key in ("source", "kind", "feeds", "sentence")}
            for problem in (pull["problems"] if pull else ())
        ],
        "pulled": _pulled(pull),
        "left_alone": left_alone(contracts, pull),
        "damaged": damage.sentences(settings, found),
        "masked": list(pull.get("masked", ()) if pull else ()),
        "gate_1": dict(Counter(delivery.state for delivery in found)),
        "gate_2": {
            "outcome": "none" if verdict is None else "allow" if verdict.allow else "hold",
            "reasons": list(verdict.reasons) if verdict else [],
        },
        "held": [] if published is None else published.get("held", []),
        "checked": None if checked is None else asdict(checked),
        "put_back": standing_put_back(settings),
        "published": None
        if published is None
        else {key: published[key] for key in ("published_at", "synthetic", "inputs", "tables")},
    }


def _pulled(pull: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """When the sources were asked last, by a run of Dagster's or by one that found nothing to run for."""
    if pull is None:
        return None
    return {"at": pull["at"], "new": len(pull["landed"]), "known": pull.get("known", 0)}


def left_alone(
    contracts: Mapping[str, Contract], pull: Mapping[str, Any] | None
) -> list[dict[str, str]]:
    """The files that a pull left alone: the feed that each looks like, and why.

    Names are shown as far as they hold the words of a feed; whatever else they hold is left out.
    """
    if pull is None:
        return []
    # These fit a contract, but for their period; a part of a name is the partner's own words.
    dated = Counter(sentence.partition(":")[0] for sentence in pull["misdated"])
    return [asdict(file) for file in near(contracts, pull["undeclared"])] + [
        asdict(
            Near(
                feed, counted(number, "file"), "named for a period that is not possible or not kept"
            )
        )
        for feed, number in sorted(dated.items())
        if feed in contracts
    ]


def _left_alone_lines(files: list[dict[str, str]]) -> list[str]:
    like = [file for file in files if file["feed"]]
    others = len(files) - len(like)
    lines = [f"  {file['feed']}: {file['name']}: {file['sentence']}" for file in like]
    if others:
        lines.append(f"  {counted(others, 'file')} like those of no contract")
    return ["Left alone at the last pull", *lines] if files else []


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


def text(settings: Settings, contracts: Mapping[str, Contract], *, is_judged: bool = True) -> str:
    """The summary after a run: feeds, gates, publication, where the database is.

    Unless `is_judged`, gate 2 was not reached, and the verdict of the run before is not this one's.
    """
    known = facts(settings, contracts)
    current = [delivery for delivery in deliveries(settings, contracts) if delivery.is_current]
    live = Counter(delivery.receipt.feed for delivery in current)
    return "\n".join(
        [
            *_feed_lines(contracts, known, live),
            *_source_lines(known),
            *_left_alone_lines(known["left_alone"]),
            *(
                f"  {line}, which is not shown; ask for the agreed one"
                for line in known["masked"][:5]
            ),
            *_gate_one_lines(known),
            *(_gate_two_lines(known) if is_judged else ["Gate 2  not reached in this run"]),
            *_held_lines(known),
            *_publication_lines(settings, known),
            *_checked_lines(known),
        ]
    )


def _feed_lines(
    contracts: Mapping[str, Contract], known: Mapping[str, Any], live: Mapping[str, int]
) -> list[str]:
    lines = ["", "Feeds"]
    for feed in contracts:
        states_ = Counter(known["feeds"][feed].values())
        rest = ", ".join(f"{states_[s]} {s}" for s in ("refused", "missing") if states_[s])
        lines.append(f"  {feed:38} {live.get(feed, 0):4} live" + (f", {rest}" if rest else ""))
    return lines


def _source_lines(known: Mapping[str, Any]) -> list[str]:
    lines = []
    if pulled := known["pulled"]:
        lines.append(f"Pulled  {pulled['at'][:16]}: {pulled['new']} new, {pulled['known']} known")
    if problems := known["sources"]:
        lines.append(f"Sources  {counted(len(problems), 'problem')} at the last pull")
        lines += [
            f"  {problem['source'] or 'the source'} ({problem['kind']}): "
            + problem["sentence"].removeprefix(f"{problem['source']}: ")
            for problem in problems[:5]
        ]
    return lines


def _gate_one_lines(known: Mapping[str, Any]) -> list[str]:
    lines, refused = [], known["refused"]
    if known["damaged"]:
        lines.append(f"Records  {len(known['damaged'])} damaged")
        lines += [f"  {sentence}" for sentence in known["damaged"][:5]]
    lines.append(f"Gate 1  {known['gate_1'].get(PASSED, 0)} passed, {len(refused)} set aside")
    for entry in refused[-5:]:
        lines.append(f"  {entry['feed']} {entry['delivery']}: {entry['reason']}")
        lines.append(f"    report: {entry['report']}")
    if rejected := known["rejected_rows"]:
        rows = in_words(sum(entry["rows"] for entry in rejected))
        number = len(rejected)
        lines.append(
            f"  {rows} rejected in {number} {'delivery' if number == 1 else 'deliveries'} that passed"
        )
        lines += [
            f"  {entry['feed']} {entry['delivery']}: {rejected_in_words(entry['reasons'])}"
            for entry in rejected[-5:]
        ]
    return lines


def _gate_two_lines(known: Mapping[str, Any]) -> list[str]:
    lines = [f"Gate 2  {known['gate_2']['outcome']}"]
    return lines + [f"  {reason}" for reason in known["gate_2"]["reasons"][:5]]


def _held_lines(known: Mapping[str, Any]) -> list[str]:
    lines = []
    for entry in known["held"]:
        lines.append(f"  {entry['sentence']}")
        if entry["state"] == "held":
            lines.append(
                f"    release: csp waive {CHECK} --scope {entry['scope']} --reason … --by … --until …"
            )
    return lines


def _publication_lines(settings: Settings, known: Mapping[str, Any]) -> list[str]:
    lines, published = [], known["published"]
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
    if back := known["put_back"]:
        lines.append(f"  put back on {back['at'][:10]} by {back['by']}: {back['why']}")
        lines.append("  the next night with something new publishes again")
    return lines


def _checked_lines(known: Mapping[str, Any]) -> list[str]:
    if not (checked := known["checked"]):
        return []
    faults = [fault for fault in checked["faults"] if fault["stands"]]
    said = counted(len(faults), "fault") if faults else "everything read was sound"
    lines = [f"Checked  {checked['at']}: {said}", *(f"  {f['sentence']}" for f in faults[:5])]
    if len(faults) > 5:
        lines.append(f"  and {len(faults) - 5} more; csp fsck names all")
    return lines
