"""The vault: encryption at rest of deliveries in landing, if a key for it is set (`CSP_VAULT_KEY_FILE`).

A sealed file is a header and chunks, each under AES-256-GCM with a key of the file's own (HKDF,
RFC 5869, from the vault's key and a random salt). A chunk's nonce is its number, and says whether it
is the last; so a chunk that was changed, moved, left out or taken from another file is found.

    header: mark, length of the key's name, the key's name and mark, salt
    chunk:  up to 1 MiB of the file, and a tag of 16 bytes

Files that landed before the vault was switched on stay readable, and so do sealed ones after a new
key is put above the old. If the key is lost, so are the files: nothing else opens them.

Our own format, not age's (pyrage): that names no key, so neither a wrong nor a missing one could be
named, and the reader of files that are sealed already would have to stay beside it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from orchestration.core.files import TEMPORARY_PREFIX, copy_hashed, sha256_of
from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings
from orchestration.protection.key_file import Key, KeyFileError, read_keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"CSP VAULT 1\n"
CHUNK = 1 << 20
_SALT, _TAG, _KEY_MARK = 32, 16, 16
_ROOM = (
    6  # times a file's size: two are read side by side, and a reader may need a copy twice as long
)
_MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder of its own is made there


def changed() -> Refusal:
    """A landed file is not the one that was received."""
    return Refusal(
        "landing_changed",
        "the file that was kept of this delivery is not the one that was received: it was changed "
        "or damaged after it had landed; take it out of landing and send it again",
    )


def gone() -> Refusal:
    """A landed file is not there any more."""
    return Refusal(
        "landing_changed",
        "the file that was kept of this delivery is no longer in landing; restore it from a backup, "
        "or send it again",
    )


def keys_of(settings: Settings) -> tuple[Key, ...]:
    """The vault's keys, the one in use first; none if the vault is off.

    Raises:
        KeyFileError: the key file that is set cannot be used.
    """
    if settings.vault_key_file is None:
        return ()
    return read_keys(settings.vault_key_file, "the key file of the vault", settings.home)


def copy_in(settings: Settings, stream: BinaryIO, target: Path) -> tuple[str, int]:
    """Copy `stream` to `target`, sealed if the vault is on; return the sha256 and size received."""
    keys = keys_of(settings)
    return _seal(stream, target, keys[0]) if keys else copy_hashed(stream, target)


@contextmanager
def opened(settings: Settings, path: Path, sha256: str) -> Iterator[Path]:
    """Yield a path at which a landed file can be read as it was received.

    A sealed file is opened into memory where the system has a file system there with room for it
    (otherwise beside the sealed one), in a private folder that is removed when the block ends.

    Raises:
        KeyFileError: the file is sealed and the key that opens it is not set.
        Refusal: the file is not the one that was received.
    """
    if not path.is_file():
        raise gone()
    # The hash is checked before the mark: a partner may send a file that begins like a sealed one.
    if sha256_of(path) == sha256:
        yield path
        return
    if not _is_sealed(path):
        raise changed()
    keys = keys_of(settings)
    with workspace(settings, path) as folder:
        plain = folder / path.name
        if _unseal(path, plain, keys) != sha256:
            raise changed()
        yield plain


@contextmanager
def workspace(settings: Settings, path: Path) -> Iterator[Path]:
    """A private folder for what a landed file holds: in memory, where there is room, otherwise beside it."""
    place = _MEMORY if _in_memory() and _has_room(path) else path.parent
    with tempfile.TemporaryDirectory(prefix=_prefix(settings), dir=place) as folder:
        yield Path(folder)


def sweep(settings: Settings) -> int:
    """Remove what killed runs of this home left open; return how many folders of files were removed.

    Needs the run's lock: files that another run of this home has open would be removed too. Any user
    may write to the in-memory file system, so folders that are not our own are left alone.
    """
    pattern = f"{_prefix(settings)}*"
    found = [*settings.landing.rglob(pattern), *(_MEMORY.glob(pattern) if _in_memory() else ())]
    left = [folder for folder in found if _is_own_folder(folder)]
    for folder in left:
        shutil.rmtree(folder)
    return len(left)


def _is_own_folder(path: Path) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _prefix(settings: Settings) -> str:
    """The prefix of folders of opened files; other homes share the in-memory file system."""
    return f"{TEMPORARY_PREFIX}{hashlib.sha256(str(settings.home).encode()).hexdigest()[:16]}-"


def _in_memory() -> bool:
    return _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)


def _has_room(path: Path) -> bool:
    return shutil.disk_usage(_MEMORY).free > _ROOM * path.stat().st_size


def _is_sealed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(MARK)) == MARK


def _seal(stream: BinaryIO, target: Path, key: Key) -> tuple[str, int]:
    salt = os.urandom(_SALT)
    header = _header(key, salt)
    cipher = _cipher(key, salt)
    digest, size, number = hashlib.sha256(), 0, 0
    chunk = _whole(stream)
    with target.open("wb") as out:
        out.write(header)
        while True:
            following = _whole(stream)
            digest.update(chunk)
            size += len(chunk)
            out.write(cipher.encrypt(_nonce(number, last=not following), chunk, header))
            if not following:
                return digest.hexdigest(), size
            chunk, number = following, number + 1


def _unseal(path: Path, target: Path, keys: tuple[Key, ...]) -> str:
    """Write the sealed file's content to `target`; return its sha256."""
    from cryptography.exceptions import InvalidTag

    with path.open("rb") as stream, target.open("wb") as out:
        stream.seek(len(MARK))
        length = stream.read(1)
        name = stream.read(length[0] if length else 0)
        key_mark, salt = stream.read(_KEY_MARK), stream.read(_SALT)
        if len(salt) < _SALT:
            raise changed()
        key = _key_named(keys, name.decode("ascii", "replace"), key_mark.decode("ascii", "replace"))
        header, cipher = _header(key, salt), _cipher(key, salt)
        digest, number = hashlib.sha256(), 0
        chunk = stream.read(CHUNK + _TAG)
        while True:
            following = stream.read(CHUNK + _TAG)
            try:
                plain = cipher.decrypt(_nonce(number, last=not following), chunk, header)
            except InvalidTag:
                raise changed() from None
            digest.update(plain)
            out.write(plain)
            if not following:
                return digest.hexdigest()
            chunk, number = following, number + 1


def _key_named(keys: tuple[Key, ...], name: str, mark: str) -> Key:
    held = {key.name: key for key in keys}
    if name not in held:
        lack = "the key file of the vault does not have it" if keys else "set CSP_VAULT_KEY_FILE"
        raise KeyFileError(f"landing holds files that are sealed with the key {name!r}; {lack}")
    if held[name].mark != mark:
        raise KeyFileError(
            f"landing holds files that are sealed with another key of the name {name!r} than the "
            "key file of the vault has"
        )
    return held[name]


def _header(key: Key, salt: bytes) -> bytes:
    return MARK + bytes([len(key.name)]) + key.name.encode() + key.mark.encode() + salt


def _cipher(key: Key, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=MARK).derive(key.secret))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _whole(stream: BinaryIO) -> bytes:
    """The next chunk, shorter only at the end, even if a stream returns less than requested."""
    parts, wanted = [], CHUNK
    while wanted and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
