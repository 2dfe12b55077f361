"""The deployment's sources, read from the YAML file that `CSP_SOURCES` names.

    sources:
      - name: staffordshire-police
        kind: sftp
        address: sftp://csp@files.example.org/outgoing
        feeds: [police/incidents, police/recorded_crime]
        private_key: keys/police          # a path, from this file's folder
        passphrase: {env: POLICE_KEY_PASSPHRASE}
        host_key: SHA256:…                # or a line of known_hosts, or a list of either

Denied by default: a source gives only the feeds that are named for it, a feed has one source, an
unknown key stops the run, and a secret in the file does too.
No message repeats a value, except for names of sources and feeds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports import source_values as values
from orchestration.ingest.transports.file_names import shown
from orchestration.ingest.transports.source_values import Wrong
from orchestration.ingest.transports.terms import Entry, Terms

_COMMON = {
    "name", "kind", "address", "feeds", "timeout_seconds", "file_seconds", "max_files", "retries",
    "backoff_seconds", "settle_seconds", "marker", "max_bytes", "max_bytes_by_feed", "reread",
}  # fmt: skip
_WEB = {"ca_file", "proxy", "redirects_to", "requests_a_second"}
_POLICE = _WEB | {"months"}
# Kind -> (keys it must have, keys it may have), besides those that all have.
_KINDS: dict[str, tuple[set[str], set[str]]] = {
    "folder": (set(), set()),
    "sftp": ({"private_key", "host_key"}, {"passphrase"}),
    "https": (set(), _WEB | {"token"}),
    "s3": ({"access_key", "secret_key"}, {"endpoint", "region", "ca_file"}),
    "police_archive": ({"forces"}, _POLICE),
    "police_api": ({"force", "polygons", "boundaries"}, _POLICE | {"boundary_code", "boundary_name"}),
}  # fmt: skip
_MUST = {"name", "kind", "address", "feeds"}
_UPLOADED = ("folder", "sftp")  # where a file may be visible while it is still being written
_SETTLE_SECONDS = 10.0
_RETRIES = 3
_SECRETS = re.compile(r"PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|://[^/@\s]*:[^/@\s]+@")
_OTHER_NAMES = {"host_key": "host_keys", "force": "forces"}
_OF_TERMS = {field.name for field in fields(Terms)}


def load_sources(path: Path, feeds: Collection[str]) -> tuple[Entry, ...]:
    """The sources of a deployment, in the order in which they are pulled.

    Raises:
        SourceError: the file is not valid, holds a secret, or names a feed that has no contract or
        belongs to another source.
    """
    entries = [
        _entry(path, number, item, feeds) for number, item in enumerate(_read(path), start=1)
    ]
    claimed: dict[str, str] = {}
    for entry in entries:
        if [other.name for other in entries].count(entry.name) > 1:
            raise SourceError(f"{path.name}: two sources are named {entry.name}")
        for feed in entry.terms.feeds or ():
            if feed in claimed:
                raise SourceError(
                    f"{path.name}: {feed} is claimed by {claimed[feed]} and by {entry.name}; a "
                    "feed comes from one source"
                )
            claimed[feed] = entry.name
    return tuple(entries)


def _read(path: Path) -> list[Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except OSError as problem:
        reason = (problem.strerror or "no reason given").lower()
        raise SourceError(f"{path.name} cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path.name} is not text in UTF-8") from None
    except yaml.YAMLError as problem:
        # The library's own message quotes the line, which may hold a secret.
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SourceError(f"{path.name}, line {line}: this is not YAML that can be used") from None
    if not isinstance(document, dict) or set(document) != {"sources"}:
        raise SourceError(f"{path.name}: expected one key, “sources”, with a list of sources")
    found = document["sources"]
    if not isinstance(found, list) or not found:
        raise SourceError(f"{path.name}: expected a list of sources under “sources”")
    return found


def _entry(path: Path, number: int, item: Any, feeds: Collection[str]) -> Entry:
    """One source. Its sentence names the file, the source and the key."""
    where = f"{path.name}: source {number}"
    if not isinstance(item, dict) or not all(isinstance(key, str) for key in item):
        raise SourceError(f"{where} is not a set of keys and values")
    if isinstance(name := item.get("name"), str) and values.NAME.fullmatch(name):
        where = f"{path.name}: source {name}"
    _refuse_secrets(where, item)
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise SourceError(f"{where}: kind must be one of {', '.join(_KINDS)}")
    must, may = _KINDS[kind]
    if unknown := sorted(set(item) - _COMMON - must - may):
        raise SourceError(f"{where}: a source of the kind {kind} has no key {shown(unknown[0])}")
    if missing := sorted((_MUST | must) - set(item)):
        raise SourceError(f"{where}: the key {missing[0]} is missing")
    read: dict[str, Any] = {}
    for key, value in item.items():
        try:
            read[_field(key)] = values.read(key, value, kind, path.parent)
        except Wrong as problem:
            raise SourceError(f"{where}: {key} must be {problem}") from None
    named = [*read["feeds"], *read.get("max_bytes_by_feed", {})]
    if strange := [feed for feed in named if feed not in feeds]:
        raise SourceError(f"{where}: there is no contract for the feed {shown(strange[0])}")
    if outside := sorted(set(read.get("max_bytes_by_feed", {})) - set(read["feeds"])):
        raise SourceError(
            f"{where}: max_bytes_by_feed names {outside[0]}, which it may not deliver"
        )
    read.setdefault("retries", _RETRIES)
    read.setdefault("settle_seconds", _SETTLE_SECONDS if kind in _UPLOADED else 0.0)
    terms = Terms(**{key: value for key, value in read.items() if key in _OF_TERMS})
    return Entry(terms=terms, **{key: v for key, v in read.items() if key not in _OF_TERMS})


def _field(key: str) -> str:
    """The name of a key's field in the model."""
    return _OTHER_NAMES.get(key, key)


def _refuse_secrets(where: str, item: Mapping[str, Any]) -> None:
    """Refuse anything that looks like a secret, wherever it is, before any other check can report it."""
    for key, value in item.items():
        if _SECRETS.search(str(value)):
            raise SourceError(
                f"{where}: the value of {shown(key)} holds a secret; name a file or a "
                "variable of the environment that holds it, and change the secret"
            )


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML without duplicate keys: the library silently lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len({repr(key) for key in keys}) < len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
        return super().construct_mapping(node, deep)
