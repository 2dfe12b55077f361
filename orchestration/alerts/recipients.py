"""The recipients of a deployment, read from the YAML file that `CSP_ALERTS` names.

    mail:
      host: mail.example.org
      port: 587
      security: starttls                 # or tls; none only for a relay on this machine
      sender: csp-warehouse@example.org
      user: csp-warehouse
      password: {file: secrets/mail}     # or {env: NAME}
    recipients:
      - {name: engineer, role: data_engineer, email: data@example.org}
      - name: analysts-channel
        role: analyst
        webhook: teams                   # or slack
        url: {env: TEAMS_WEBHOOK}        # a secret: the address allows anyone to post there
      - {name: fire-liaison, role: liaison_officer, partner: fire, email: dlo@example.org}
    heartbeat: true

Unknown keys are refused. No message repeats a value, except for names of recipients.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from orchestration.alerts.items import ROLES, AlertsError, Deployment, Hook, Mail, Recipient
from orchestration.core import plain_yaml
from orchestration.ingest.transports.credentials import Secret
from orchestration.ingest.transports.file_names import LOOPBACK

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9.:-]+")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_RECIPIENT = {"name", "role", "partner", "email", "webhook", "url", "ca_file"}
_MAIL = {
    "host", "port", "security", "sender", "user", "password", "ca_file", "timeout_seconds",
}  # fmt: skip


def load_deployment(path: Path, partners: Collection[str]) -> Deployment:
    """The recipients of a deployment and its mail server.

    Raises:
        AlertsError: the file is not valid, or names a partner that has no feed.
    """
    found = _read(path)
    _known(f"{path.name}", found, {"mail", "recipients", "heartbeat"})
    listed = found.get("recipients")
    if not isinstance(listed, list) or not listed:
        raise AlertsError(f"{path.name}: expected a list of recipients")
    recipients = tuple(
        _recipient(path, number, entry, partners) for number, entry in enumerate(listed, start=1)
    )
    names = [recipient.name for recipient in recipients]
    if twice := [name for name in names if names.count(name) > 1]:
        raise AlertsError(f"{path.name}: two recipients are named {twice[0]}")
    mail = _mail(path, found["mail"]) if "mail" in found else None
    if mail is None and any(recipient.email for recipient in recipients):
        raise AlertsError(f"{path.name}: there are e-mail addresses but no mail server")
    heartbeat = found.get("heartbeat", True)
    if not isinstance(heartbeat, bool):
        raise AlertsError(f"{path.name}: heartbeat must be true or false")
    return Deployment(recipients, mail, heartbeat)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = plain_yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # The library's own message quotes the line, which may hold an address.
        raise AlertsError(f"{path.name} cannot be read as YAML in UTF-8") from None
    if not isinstance(found, dict):
        raise AlertsError(f"{path.name}: expected the keys mail, recipients and heartbeat")
    return found


def _recipient(path: Path, number: int, entry: Any, partners: Collection[str]) -> Recipient:
    where = f"{path.name}: recipient {number}"
    _known(where, entry, _RECIPIENT)
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise AlertsError(f"{where}: name must be small letters, digits and hyphens")
    where = f"{path.name}: recipient {name}"
    role, partner = entry.get("role"), entry.get("partner", "")
    if role not in ROLES:
        raise AlertsError(f"{where}: role must be one of {', '.join(ROLES)}")
    if (role == "liaison_officer") != bool(partner):
        raise AlertsError(f"{where}: a liaison officer has a partner, and nobody else has")
    if partner and partner not in partners:
        raise AlertsError(f"{where}: partner must be one of {', '.join(sorted(partners))}")
    if ("email" in entry) == ("webhook" in entry):
        raise AlertsError(f"{where}: expected either email or webhook")
    if "email" in entry:
        return Recipient(name, role, partner, email=_address(where, "email", entry["email"]))
    if entry["webhook"] not in ("teams", "slack"):
        raise AlertsError(f"{where}: webhook must be teams or slack")
    hook = Hook(
        entry["webhook"],
        _secret(where, "url", entry.get("url"), path.parent),
        _file(where, entry.get("ca_file"), path.parent),
    )
    return Recipient(name, role, partner, hook=hook)


def _mail(path: Path, entry: Any) -> Mail:
    where = f"{path.name}: mail"
    _known(where, entry, _MAIL)
    host, port, security = entry.get("host"), entry.get("port"), entry.get("security")
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        raise AlertsError(f"{where}: host must be the name of a server")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
        raise AlertsError(f"{where}: port must be a number")
    if security not in ("starttls", "tls", "none"):
        raise AlertsError(f"{where}: security must be starttls, tls or none")
    if security == "none" and (host not in LOOPBACK or "password" in entry):
        raise AlertsError(f"{where}: without encryption only a relay on this machine, and no login")
    if ("user" in entry) != ("password" in entry):
        raise AlertsError(f"{where}: user and password go together")
    seconds = entry.get("timeout_seconds", 30)
    if not isinstance(seconds, int | float) or not 0 < seconds <= 300:
        raise AlertsError(f"{where}: timeout_seconds must be a number up to 300")
    return Mail(
        host,
        port,
        security,
        sender=_address(where, "sender", entry.get("sender")),
        user=str(entry.get("user", "")),
        password=_secret(where, "password", entry["password"], path.parent)
        if "password" in entry
        else None,
        ca_file=_file(where, entry.get("ca_file"), path.parent),
        timeout_seconds=float(seconds),
    )


def _known(where: str, entry: Any, known: Collection[str]) -> None:
    if not isinstance(entry, Mapping):
        raise AlertsError(f"{where} is not a set of keys and values")
    for key in entry:
        if key not in known:
            raise AlertsError(f"{where}: unknown key; known are {', '.join(sorted(known))}")


def _address(where: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise AlertsError(f"{where}: {key} must be one e-mail address")
    return value


def _secret(where: str, key: str, value: Any, folder: Path) -> Secret:
    """Where to find a secret; a secret written in this file itself is refused."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, text),) = value.items()
        if kind == "env" and isinstance(text, str) and _VARIABLE.fullmatch(text):
            return Secret(variable=text)
        if kind == "file" and isinstance(text, str) and text:
            return Secret(file=folder / text)
    raise AlertsError(f"{where}: {key} must be like {{env: NAME}} or {{file: path}}")


def _file(where: str, value: Any, folder: Path) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not (folder / value).is_file():
        raise AlertsError(f"{where}: ca_file must be a file")
    return folder / value
