"""Keys: read from a file outside the data, or from the environment; never written, never shown.

A key file holds one key a line: its name, a space, and 64 hexadecimal digits (32 bytes). The first
is used; the lines below it are older keys that something may still have been made with.
"""

from __future__ import annotations

import hmac
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.contracts.model import KEY_NAME
from orchestration.core.settings import SettingsError

_LINE = re.compile(rf"({KEY_NAME})\s+([0-9a-fA-F]{{64}})")


class KeyFileError(SettingsError):
    """A key cannot be used. The message never holds one."""


@dataclass(frozen=True)
class Key:
    """A key and its name. The name may be written anywhere; the bytes must never be written."""

    name: str
    secret: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """Distinguishes two keys of the same name, without revealing either."""
        return hmac.digest(self.secret, b"the mark of this key", "sha256").hex()[:16]


def read_keys(path: Path, what: str, home: Path) -> tuple[Key, ...]:
    """The keys of a file, the one in use first. `what` is the file in words.

    Raises:
        KeyFileError: the file does not exist, others can read it, it is stored with the data, or a
        line is not a key.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise KeyFileError(f"{what} holds more than key names and digits") from None
    except OSError as problem:
        reason = (problem.strerror or "no reason given").lower()
        raise KeyFileError(f"{what} cannot be read: {reason}") from None
    if path.resolve().is_relative_to(home):
        raise KeyFileError(f"{what} lies in CSP_HOME; keep it apart from the data")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"{what} can be read by others; set its mode to 0600")
    return keys_of(text, what)


def keys_of(text: str, what: str) -> tuple[Key, ...]:
    """The keys of a text in the form of a key file.

    Raises:
        KeyFileError: there is none, or a line is not a key.
    """
    keys: list[Key] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise KeyFileError(
                f"line {number} of {what} is not a key; expected a name of lower-case letters and "
                "digits, a space and 64 hexadecimal digits"
            )
        key = Key(found[1], bytes.fromhex(found[2]))
        if len(set(key.secret)) < 8:
            raise KeyFileError(f"the key in line {number} of {what} is not random")
        if key.name in {known.name for known in keys}:
            raise KeyFileError(f"two keys in {what} have the name {key.name}")
        keys.append(key)
    if not keys:
        raise KeyFileError(f"{what} holds no key")
    return tuple(keys)
