"""Names that a source gives its files: none may leave its folder, none may break a line of a log."""

from __future__ import annotations

from orchestration.protection import names

LOOPBACK = ("127.0.0.1", "::1", "localhost")  # the only hosts that need no encryption
_MOST_CHARACTERS = 400
_MOST_BYTES_OF_A_PART = 255  # what common file systems take
_SHOWN = 80


def fault_of(path: str) -> str | None:
    """Why a relative path cannot be used, in words that follow on its name; `None` if it can."""
    try:
        parts = [part.encode() for part in path.split("/")]
    except UnicodeEncodeError:
        return "is not a name in UTF-8"
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        return "holds a control character"
    if "\\" in path:
        return "holds a backslash"
    if any(part in (b"", b".", b"..") for part in parts):
        return "is not a plain path below the source"
    if len(path) > _MOST_CHARACTERS or max(map(len, parts)) > _MOST_BYTES_OF_A_PART:
        return "is too long"
    return None


def shown(path: str) -> str:
    """A name made safe for a sentence: one line of ASCII, truncated; masked if it holds personal data."""
    text = names.masked_path(path).encode("ascii", "backslashreplace").decode()
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
