"""Items on deliveries and runs, from records on disk, which hold no data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestration.alerts.items import Item, Rules, mark_of
from orchestration.alerts.wording import some, without_file_name, without_found_names
from orchestration.contracts.odcs import Contract
from orchestration.core.refusal import TOLD
from orchestration.core.settings import Settings
from orchestration.core.wording import counted, day
from orchestration.ingest.landing import damage
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, Delivery, deliveries
from orchestration.ingest.landing.near_names import near
from orchestration.ingest.landing.pull_record import last_pull, pulls_since
from orchestration.ingest.landing.purge import purged_since
from orchestration.quality.anomalies import PREFIX
from orchestration.quality.gate_two import read_verdict
from orchestration.quality.outcomes import in_words, rejected_in_words


@dataclass(frozen=True)
class FailedRun:
    """A failed run. `step` is where it failed, if known. The error's own message is left out,
    because it may quote a value."""

    run: str
    job: str
    at: datetime
    step: str


def run_items(
    settings: Settings, rules: Rules, since: datetime, failed: Sequence[FailedRun]
) -> list[Item]:
    """What ran and what did not: deliveries landed, failed runs, a candidate that was withheld."""
    items = [
        Item(
            f"run:{run.run}",
            "runs",
            f"The run {run.run[:8]} of {run.job} on {day(run.at)} failed"
            + (f" in the step {run.step}" if run.step else "")
            + "; what was published before stays. Dagster shows why.",
        )
        for run in failed
    ]
    for pull in pulls_since(settings, since):
        if pull["landed"]:
            feeds = sorted({receipt["feed"] for receipt in pull["landed"]})
            items.append(
                Item(
                    f"landed:{pull['at']}",
                    "runs",
                    f"{counted(len(pull['landed']), 'delivery', 'deliveries')} landed: {some(feeds)}.",
                )
            )
    gone = purged_since(settings, since)
    for moment in sorted({record["purged_at"] for record in gone}):
        feeds = [record["feed"] for record in gone if record["purged_at"] == moment]
        number = counted(
            len(feeds),
            "delivery was purged at the end of its time",
            "deliveries were purged at the end of their time",
        )
        sentence = f"{number}: {some(sorted(set(feeds)))}."
        items.append(Item(f"purged:{moment}", "runs", sentence))
    last = last_pull(settings)
    silent = timedelta(hours=rules.silent_hours)
    if last is None or settings.now - datetime.fromisoformat(last["at"]) > silent:
        when = f"since {day(datetime.fromisoformat(last['at']))}" if last else "yet"
        items.append(Item("silent", "runs", f"Nothing was pulled {when}.", is_standing=True))
    verdict = read_verdict(settings)
    if verdict is not None and not verdict.allow:
        more = f" (and {len(verdict.reasons) - 1} more)" if len(verdict.reasons) > 1 else ""
        sentence = f"Gate 2 held the newest candidate: {verdict.reasons[0]}{more}."
        key = f"held:{verdict.candidate_sha256}"
        items.append(Item(key, "runs", sentence, is_standing=True))
    return items


def damage_items(settings: Settings, contracts: Mapping[str, Contract]) -> list[Item]:
    """Records that cannot be read, each until it is whole again."""
    told = damage.sentences(settings, deliveries(settings, contracts))
    return [
        Item(f"damaged:{mark_of(sentence)}", "runs", f"{sentence}.", is_standing=True)
        for sentence in told
    ]


def source_items(
    settings: Settings, contracts: Mapping[str, Contract], since: datetime
) -> list[Item]:
    """Sources and files that could not be read, and new names in them that were not agreed."""
    items: list[Item] = []
    pulls = pulls_since(settings, since)
    down_now = {problem["source"] for problem in (pulls[-1]["problems"] if pulls else ())}
    for pull in pulls:
        for problem in pull["problems"]:
            source, feeds = problem["source"] or "the source", problem["feeds"]
            is_down = problem["source"] in down_now
            again = "" if is_down else " The last pull met no such problem."
            # Older records of pulls hold sentences without the file names.
            name = problem.get("file", "")
            sentence = without_file_name(problem["sentence"], problem["source"], name)
            items.append(
                Item(
                    f"source:{source}:{problem['kind']}:{mark_of(problem['sentence'])}",
                    "sources",
                    f"{source} ({problem['kind']} failure; {some(feeds)}): {sentence}.{again}",
                    tuple(sorted({feed.split("/")[0] for feed in feeds})),
                    is_standing=is_down,
                )
            )
        items += _left_alone(contracts, pull["undeclared"])
        for list_, words in _LEFT.items():
            # By feed and number: a partner may give a file any name.
            for feed, number in sorted(Counter(_feed_of(t) for t in pull.get(list_, ())).items()):
                known = feed if feed in contracts else "files of no contract"
                items.append(
                    Item(
                        f"{list_}:{known}:{pull['at'] if list_ == 'withdrawn' else number}",
                        "sources",
                        f"{known}: {counted(number, 'file')} {words}.",
                        (known.split("/")[0],) if feed in contracts else (),
                    )
                )
    return list({item.key: item for item in items}.values())


_LEFT = {
    "misdated": "named for an impossible period, left alone",
    "withdrawn": "withdrawn from the source; what was delivered stays",
    "unsettled": "still being uploaded, left for the next pull",
    "erased": "with what was erased here still at the source; not landed again, and the partner has to "
    "remove it",
    "masked": "of a name that may lead to a person, taken and shown by a mask; ask for the agreed name",
}


def _left_alone(contracts: Mapping[str, Contract], paths: Sequence[str]) -> list[Item]:
    """Files of no contract: one item for each that looks like a feed's, and one for all others."""
    found = near(contracts, paths)
    items = [
        Item(
            f"undeclared:{file.feed}:{mark_of(path)}",
            "sources",
            f"{file.feed}: {file.name} looks like a file of this feed and was left alone: {file.sentence}.",
            (contracts[file.feed].partner,),
        )
        for path, file in zip(paths, found, strict=True)
        if file.feed
    ]
    others = [path for path, file in zip(paths, found, strict=True) if not file.feed]
    if others:
        items.append(
            Item(
                f"undeclared:others:{mark_of(chr(10).join(sorted(others)))}",
                "sources",
                f"files of no contract: {counted(len(others), 'file')} left alone.",
            )
        )
    return items


def _feed_of(text: str) -> str:
    return text.partition(":")[0]


def delivery_items(settings: Settings, contracts: Mapping[str, Contract]) -> list[Item]:
    """The newest delivery of each period, where it was refused or is unusual, and the reason."""
    newest: dict[tuple[str, str], Delivery] = {}
    for delivery in deliveries(settings, contracts):
        newest[delivery.receipt.feed, delivery.receipt.slot] = delivery
    items: list[Item] = []
    for delivery in newest.values():
        if delivery.record is None or delivery.damage:
            continue  # what is damaged is told with the runs
        receipt, record = delivery.receipt, delivery.record
        contract = contracts[receipt.feed]
        what = f"{receipt.feed} {receipt.period}"
        known = f"{receipt.feed}:{receipt.delivery_id}:{record.contract_fingerprint[:12]}"
        if delivery.state == REFUSED:
            live = "The last good delivery stays live"
            reason = without_found_names(record.reason, _agreed(contract))
            items.append(
                Item(
                    f"refused:{known}:{record.rule}",
                    "refused",
                    f"{what}: {reason} (rule {record.rule}). {live}; the report is in quarantine.",
                    (contract.partner,),
                )
            )
        elif delivery.state != PASSED:
            items.append(
                Item(
                    f"errored:{known}",
                    "refused",
                    f"{what}: it could not be read or judged, so it is not used; the next run tries again.",
                    (contract.partner,),
                )
            )
        if delivery.state == PASSED and record.rejected:
            items.append(
                Item(
                    f"rejected:{known}",
                    "anomalies",
                    f"{what}: it passed, with {rejected_in_words(record.rejected)}; "
                    f"the other {in_words((record.rows or 0) - sum(record.rejected.values()))} count.",
                    (contract.partner,),
                )
            )
        items += [
            Item(
                f"anomaly:{known}:{rule['rule']}",
                "anomalies",
                f"{what}: {rule['sentence']} ({rule['severity']}).",
                (contract.partner,),
            )
            for rule in record.rules
            if _is_unusual(rule["rule"], rule["severity"]) and rule["outcome"] != PASSED
        ]
    return items


def _is_unusual(rule: str, severity: str) -> bool:
    """Whether a rule that was not met is worth a line: anomalies, and remarks that are a warning."""
    return rule.startswith(PREFIX) or (rule.startswith(TOLD) and severity != "info")


def _agreed(contract: Contract) -> list[str]:
    """The names given in the contract itself, which may be repeated to anyone."""
    layout = contract.layout
    return [
        *(name for column in contract.columns for name in (column.header, column.name)),
        layout.sheet, layout.records, layout.row, layout.header,
    ]  # fmt: skip
