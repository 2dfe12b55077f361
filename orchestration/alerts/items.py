"""The parts of alerts: items, recipients, and how a deployment reaches them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.core.errors import WarehouseError
from orchestration.ingest.transports.credentials import Secret

ROLES = ("data_engineer", "analyst", "liaison_officer")
# Sections of a digest in order: key, heading, and the singular and plural wording in the subject
# line.
SECTIONS = {
    "alerts": ("Alerts that did not arrive", "alert failed", "alerts failed"),
    "damaged": ("Damaged, and what to restore", "file damaged", "files damaged"),
    "runs": ("What ran", "news of the runs", "news of the runs"),
    "refused": ("Refused, and why", "refused", "refused"),
    "sources": ("Sources that could not be read", "source problem", "source problems"),
    "late": ("Owed and not here", "late", "late"),
    "due": ("Falls due soon", "due soon", "due soon"),
    "anomalies": ("Unusual deliveries", "unusual", "unusual"),
    "held": ("Measures that are held", "measure held", "measures held"),
    "changes": ("Published numbers that changed", "measure changed", "measures changed"),
    "signals": ("New signals of the control charts", "new signal", "new signals"),
    "room": ("Room on the disk", "disk filling up", "disks filling up"),
    "reminders": ("The year", "reminder", "reminders"),
}


class AlertsError(WarehouseError):
    """The alerts configuration cannot be read. The message is one sentence without a secret."""


class NotSent(WarehouseError):
    """A digest did not reach its recipient. The message is one sentence without an address."""


def mark_of(sentence: str) -> str:
    """The key of a sentence in a ledger, which must not hold a partner's file name."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Item:
    """One thing to report. `key` identifies it, so that it is reported once.

    `partners` are those it concerns (none: only the partnership's own staff). A standing item is
    reported again after the number of days that the rules set for its section.
    """

    key: str
    section: str
    sentence: str
    partners: tuple[str, ...] = ()
    is_standing: bool = False


@dataclass(frozen=True)
class Hook:
    """A webhook: its kind (`teams` or `slack`) and where to find its address, which is a secret."""

    shape: str
    url: Secret
    ca_file: Path | None = None


@dataclass(frozen=True)
class Recipient:
    """A recipient: name, role and channel, which is an e-mail address or a webhook."""

    name: str
    role: str
    partner: str = ""
    email: str = field(default="", repr=False)
    hook: Hook | None = None


@dataclass(frozen=True)
class Mail:
    """The mail server. `security`: `starttls`, `tls`, or `none` for a relay on this machine."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    timeout_seconds: float = 30.0


@dataclass(frozen=True)
class Deployment:
    """The recipients of a deployment. `heartbeat`: also send when there is nothing to report."""

    recipients: tuple[Recipient, ...]
    mail: Mail | None = None
    heartbeat: bool = True


@dataclass(frozen=True)
class Rules:
    """What each role receives, and how often: `expectations/alerts.yaml`."""

    sections: Mapping[str, tuple[str, ...]]
    repeat_days: Mapping[str, int]
    most_items: int
    due_soon_days: int
    missing_for_days: int
    signal_months: int
    silent_hours: int
    least_free_nights: int


@dataclass(frozen=True)
class Digest:
    """One message: the subject, the text, and the items it reports."""

    subject: str
    text: str
    items: tuple[Item, ...]
