"""The digests of a night: gathered, composed and handed over, for each recipient separately.

A failure here does not fail the night: it is recorded and reported to the data engineers, and items
that were not reported are included the next time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
from filelock import FileLock, Timeout

from orchestration.alerts import delivery_items, digest, ledger, mail, publication_items, webhook
from orchestration.alerts.assessment_reminder import reminder_items
from orchestration.alerts.damage_items import damage_items
from orchestration.alerts.delivery_items import FailedRun
from orchestration.alerts.disk_space import room_items
from orchestration.alerts.items import (
    AlertsError,
    Deployment,
    Digest,
    Item,
    NotSent,
    Recipient,
    Rules,
)
from orchestration.alerts.ledger import Ledger
from orchestration.alerts.recipients import load_deployment
from orchestration.alerts.thresholds import load_rules
from orchestration.alerts.wording import scrubbed
from orchestration.contracts.odcs import Contract
from orchestration.core.files import private_folder
from orchestration.core.settings import Settings
from orchestration.release.verify import BrokenManifest

SENT, NOTHING, FAILED = "sent", "nothing to tell", "failed"
_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """The result of one recipient's digest. `sentence` says why it failed."""

    recipient: str
    state: str
    items: int = 0
    sentence: str = ""


@dataclass(frozen=True)
class Preview:
    """What one recipient would be sent now; without a digest, nothing."""

    recipient: str
    digest: Digest | None


def send_digests(
    settings: Settings, contracts: Mapping[str, Contract], failed_runs: Sequence[FailedRun] = ()
) -> list[Outcome]:
    """Send each recipient of the deployment what is new to them, and record what was reported.

    Raises:
        AlertsError: no recipients are configured, the configuration is not valid, or somebody else is
            sending them.
    """
    deployment = _deployment(settings, contracts)
    folder = settings.home / "alerts"
    private_folder(folder)
    lock = FileLock(folder / "digest.lock", timeout=min(_LOCK_SECONDS, settings.wait_seconds))
    try:
        with lock:
            prepared = _prepared(settings, contracts, deployment, failed_runs)
            return [_send_one(settings, deployment, one) for one in prepared]
    except Timeout:
        raise AlertsError(
            "the digests are being sent by another process; try again later"
        ) from None


def previews(
    settings: Settings, contracts: Mapping[str, Contract], failed_runs: Sequence[FailedRun] = ()
) -> list[Preview]:
    """What would be sent now, in the order of sending; without recipients, to a data engineer."""
    deployment = Deployment((Recipient("preview", "data_engineer"),))
    if settings.alerts is not None:
        deployment = _deployment(settings, contracts)
    return [
        Preview(one.recipient.name, one.message)
        for one in _prepared(settings, contracts, deployment, failed_runs)
    ]


@dataclass(frozen=True)
class _Prepared:
    """One recipient's digest before it is handed over; `beat` tells that one went out on this day."""

    recipient: Recipient
    known: Ledger
    items: list[Item]
    beat: Item
    message: Digest | None


def _prepared(
    settings: Settings,
    contracts: Mapping[str, Contract],
    deployment: Deployment,
    failed_runs: Sequence[FailedRun],
) -> Iterator[_Prepared]:
    """Each recipient's digest, made when it is asked for: what became of those before is in it."""
    rules = load_rules(settings.alert_rules)
    gathered = _Gathered(settings, contracts, rules, failed_runs)
    beat = Item(f"heartbeat:{settings.now:%Y-%m-%d}", "runs", "")
    # Engineers last: their digest lists the recipients whom tonight's digests did not reach.
    for recipient in sorted(deployment.recipients, key=lambda r: r.role == "data_engineer"):
        known = ledger.read(settings, recipient.name)
        items = _due(settings, deployment, recipient, known, gathered)
        is_sent = items or (deployment.heartbeat and beat.key not in known.told)
        message = _composed(settings, recipient, items, rules) if is_sent else None
        yield _Prepared(recipient, known, items, beat, message)


def _deployment(settings: Settings, contracts: Mapping[str, Contract]) -> Deployment:
    if settings.alerts is None:
        raise AlertsError("no recipients are set; CSP_ALERTS names the file that lists them")
    return load_deployment(settings.alerts, {contract.partner for contract in contracts.values()})


class _Gathered:
    """What there is to report, by the time and publication of a recipient's last digest."""

    def __init__(
        self,
        settings: Settings,
        contracts: Mapping[str, Contract],
        rules: Rules,
        failed_runs: Sequence[FailedRun],
    ) -> None:
        self._settings, self._contracts, self.rules = settings, contracts, rules
        self._failed_runs = failed_runs
        self._found: dict[tuple[datetime, str], list[Item]] = {}

    def since(self, moment: datetime, publication: str) -> list[Item]:
        """Every item, scrubbed; repeated calls with the same arguments read the disk once."""
        known = moment, publication
        if known not in self._found:
            settings, contracts, rules = self._settings, self._contracts, self.rules
            failed = [run for run in self._failed_runs if run.at > moment]
            self._found[known] = scrubbed(
                [
                    *damage_items(settings, rules),
                    *delivery_items.run_items(settings, rules, moment, failed),
                    *delivery_items.damage_items(settings, contracts),
                    *_ledger_items(settings),
                    *delivery_items.delivery_items(settings, contracts),
                    *delivery_items.source_items(settings, contracts, moment),
                    *_of_the_publication(settings, rules, publication),
                    *room_items(settings, rules),
                    *reminder_items(settings),
                ]
            )
        return self._found[known]


def _ledger_items(settings: Settings) -> list[Item]:
    return [
        Item(f"ledger:{sentence}", "alerts", f"{sentence}.")
        for sentence in ledger.damaged(settings)
    ]


def _of_the_publication(settings: Settings, rules: Rules, publication: str) -> list[Item]:
    """What the publication says, or that it cannot be read: alarms work when data do not."""
    try:
        return [
            *publication_items.late_items(settings, rules),
            *publication_items.left_out_items(settings, rules),
            *publication_items.held_items(settings),
            *publication_items.change_items(settings, publication),
            *publication_items.signal_items(settings, rules, publication),
        ]
    except (
        BrokenManifest,
        duckdb.IOException,
        duckdb.InvalidInputException,
        duckdb.SerializationException,
    ):
        sentence = (
            "What is published is damaged and cannot be read; the next night publishes again."
        )
        return [Item("unreadable", "damaged", sentence, is_standing=True)]


def _due(
    settings: Settings,
    deployment: Deployment,
    recipient: Recipient,
    known: Ledger,
    gathered: _Gathered,
) -> list[Item]:
    now, rules = settings.now, gathered.rules
    items = list(gathered.since(known.since(now), known.publication))
    for other in deployment.recipients:
        if (
            other.name != recipient.name
            and (theirs := ledger.read(settings, other.name)).is_failing
        ):
            last = theirs.failures[-1]
            sentence = f"The digest for {other.name} did not arrive: {last['sentence']}."
            items.append(Item(f"alert:{other.name}:{last['at']}", "alerts", sentence))
    return known.due(digest.for_recipient(recipient, items, rules), rules, now)


def _composed(
    settings: Settings, recipient: Recipient, items: Sequence[Item], rules: Rules
) -> Digest:
    return digest.composed(
        settings.partnership.area_name, recipient, items, rules, settings.now,
        is_synthetic=publication_items.is_synthetic(settings),
    )  # fmt: skip


def _send_one(settings: Settings, deployment: Deployment, prepared: _Prepared) -> Outcome:
    now, current = settings.now, publication_items.current(settings)
    recipient, known, items = prepared.recipient, prepared.known, prepared.items
    message = prepared.message
    if message is None:
        ledger.write(settings, known.sent([], current, now))
        return Outcome(recipient.name, NOTHING)
    try:
        if recipient.hook is not None:
            webhook.send(recipient.hook, message)
        else:
            assert deployment.mail is not None
            mail.send(deployment.mail, recipient, message, now)
    except NotSent as problem:
        ledger.write(settings, known.failed(str(problem), now))
        return Outcome(recipient.name, FAILED, len(items), str(problem))
    ledger.write(settings, known.sent([*items, prepared.beat], current, now))
    return Outcome(recipient.name, SENT, len(items))
