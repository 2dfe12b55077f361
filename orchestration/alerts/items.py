"""What alerts are made of: items, recipients, and how a deployment reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.core.errors import WarehouseError
from orchestration.ingest.transports.credentials import Secret

ROLES = ("data_engineer", "analyst", "liaison_officer")
# Sections of a digest in their order: key, heading, and the words for one and for more of them in the
# subject line.
SECTIONS = {
    "alerts": ("Alerts that did not arrive", "alert failed", "alerts failed"),
    "runs": ("What ran", "news of the runs", "news of the runs"),
    "refused": ("Refused, and why", "refused", "refused"),
    "sources": ("Sources that could not be read", "source problem", "source problems"),
    "late": ("Owed and not here", "late", "late"),
    "due": ("Falls due soon", "due soon", "due soon"),
    "anomalies": ("Unusual deliveries", "unusual", "unusual"),
    "changes": ("Published numbers that changed", "measure changed", "measures changed"),
    "signals": ("New signals of the control charts", "new signal", "new signals"),
    "room": ("Room on the disk", "disk filling up", "disks filling up"),
    "reminders": ("The year", "reminder", "reminders"),
}


class AlertsError(WarehouseError):
    """The alerts of a deployment cannot be read. The message is one sentence without a secret."""


class NotSent(WarehouseError):
    """A digest did not reach its recipient. The message is one sentence without an address."""


@dataclass(frozen=True)
class Item:
    """One thing to tell. `key` is what it is known by, so that it is told once.

    `partners` are those whom it concerns (none: only the partnership's own people). A standing item
    is told again after so many days as the rules give its section.
    """

    key: str
    section: str
    sentence: str
    partners: tuple[str, ...] = ()
    is_standing: bool = False


@dataclass(frozen=True)
class Hook:
    """A webhook: its shape (`teams` or `slack`) and where its address, which is a secret, is found."""

    shape: str
    url: Secret
    ca_file: Path | None = None


@dataclass(frozen=True)
class Recipient:
    """Who is told, by name and role, and by which way: an e-mail address or a webhook."""

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
    """Whom a deployment tells. `heartbeat`: also when there is nothing to tell."""

    recipients: tuple[Recipient, ...]
    mail: Mail | None = None
    heartbeat: bool = False


@dataclass(frozen=True)
class Rules:
    """What a role is told, and how often: `expectations/alerts.yaml`."""

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
    """One message: the subject, the text, and the items it tells."""

    subject: str
    text: str
    items: tuple[Item, ...]
