"""Pinned host keys: SHA256 fingerprints as OpenSSH prints them, or lines of known_hosts."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

_RSA = ("rsa-sha2-512", "rsa-sha2-256")


@dataclass(frozen=True)
class Pin:
    """A pinned host key: its fingerprint, and the algorithms it can be asked for by, if known."""

    fingerprint: str
    kinds: tuple[str, ...]


def fingerprint(blob: bytes) -> str:
    """The fingerprint of a public key, as OpenSSH prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def read_pin(text: str) -> Pin:
    """The pin that is written as a fingerprint or as a line of known_hosts.

    Raises:
        ValueError: it is neither.
    """
    if text.startswith("SHA256:"):
        bare = text.removeprefix("SHA256:").rstrip("=")
        if len(base64.b64decode(f"{bare}=", validate=True)) != hashlib.sha256().digest_size:
            raise ValueError("not as long as a fingerprint")
        return Pin(f"SHA256:{bare}", ())
    words = text.split()
    kind = next((word for word in words[:2] if word.startswith(("ssh-", "ecdsa-"))), None)
    if kind is None or len(words) < words.index(kind) + 2:
        raise ValueError("neither a fingerprint nor a line of known_hosts")
    blob = base64.b64decode(words[words.index(kind) + 1], validate=True)
    if blob[4 : 4 + len(kind)] != kind.encode():
        raise ValueError("the key is not of the kind that its line names")
    return Pin(fingerprint(blob), _RSA if kind == "ssh-rsa" else (kind,))
