"""The vault: what lies in landing cannot be read without the key, and a changed byte is found."""

import io
import os
import random
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration import night
from orchestration.core.files import sha256_of
from orchestration.core.refusal import Refusal
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.ingest.readers.parse import parse
from orchestration.ingest.transports import open_source
from orchestration.protection import vault
from orchestration.protection.key_file import KeyFileError
from tests.conftest import settings_at
from tests.support.made_up import column, load
from tests.unit.test_scanner import read

KEY = "v1 " + bytes(range(7, 39)).hex()
OTHER = "v2 " + bytes(range(99, 131)).hex()
MANY = vault.CHUNK * 2 + 17


@pytest.fixture
def place(tmp_path):
    return sealed_by(settings_at(tmp_path / "home", tmp_path / "source"), tmp_path, KEY)


def sealed_by(settings, folder, text):
    path = folder / "vault.keys"
    path.write_text(text)
    path.chmod(0o600)
    return replace(settings, vault_key_file=path)


def put(settings, content: bytes):
    """Seal this content; give its path and sha256."""
    path = settings.home / "sealed"
    path.parent.mkdir(exist_ok=True)
    sha256, size = vault.copy_in(settings, io.BytesIO(content), path)
    assert size == len(content)
    return path, sha256


def taken(settings, path, sha256) -> bytes:
    with vault.opened(settings, path, sha256) as plain:
        return plain.read_bytes()


@pytest.mark.parametrize("size", [0, 1, vault.CHUNK - 1, vault.CHUNK, vault.CHUNK + 1, MANY])
def test_what_was_sealed_comes_out_as_it_went_in(place, size):
    content = random.Random(size).randbytes(size)
    path, sha256 = put(place, content)
    assert taken(place, path, sha256) == content
    # A byte or two may stand in any sealed file by chance; 64 of them do not.
    assert size < 64 or content[:64] not in path.read_bytes()
    again, _ = put(place, content)
    assert again.stat().st_size > size


def test_two_sealed_copies_of_one_file_are_not_alike(place):
    path, _ = put(place, b"alike")
    first = path.read_bytes()
    put(place, b"alike")
    assert path.read_bytes() != first


def test_a_stream_that_gives_little_at_a_time_is_taken_whole(place):
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 1000))

    content = random.Random(2).randbytes(vault.CHUNK + 500)
    path = place.home / "sealed"
    place.home.mkdir()
    sha256, _ = vault.copy_in(place, Slow(content), path)
    assert taken(place, path, sha256) == content


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[: len(content) // 2] + b"\0" + content[len(content) // 2 + 1 :],
        lambda content: content[: -(17 + 16)],  # the last chunk is left out
        lambda content: content[:40],  # cut off in the header
        lambda content: content[:13],
        lambda content: _swapped(content),  # noqa: PLW0108 - defined below
        lambda content: content[: _header()] + content[_header() + vault.CHUNK + 16 :],
    ],
)
def test_a_changed_byte_a_lost_end_and_moved_chunks_are_found(place, spoil):
    path, sha256 = put(place, bytes(range(256)) * (MANY // 256) + b"\0" * (MANY % 256))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(Refusal, match="is not the one that was received") as caught:
        taken(place, path, sha256)
    assert caught.value.rule == "landing_changed"


def _header() -> int:
    return len(vault.MARK) + 1 + 2 + 16 + 32


def _swapped(content: bytes) -> bytes:
    at, chunk = _header(), vault.CHUNK + 16
    one, two = content[at : at + chunk], content[at + chunk : at + 2 * chunk]
    return content[:at] + two + one + content[at + 2 * chunk :]


def test_another_file_in_its_place_is_found_also_where_it_is_sealed_well(place):
    path, sha256 = put(place, b"the right one")
    put(place, b"another one")
    with pytest.raises(Refusal):
        taken(place, path, sha256)


def test_a_plain_file_that_was_changed_in_landing_is_found(tmp_path):
    settings = settings_at(tmp_path)
    path, sha256 = put(settings, b"plain")
    assert (path.read_bytes(), sha256) == (b"plain", sha256_of(path))
    assert taken(settings, path, sha256) == b"plain"
    path.write_bytes(b"plaim")
    with pytest.raises(Refusal):
        taken(settings, path, sha256)


@pytest.mark.parametrize("is_on", [False, True])
def test_a_file_that_only_begins_as_sealed_ones_do_is_read_as_it_was_sent(place, tmp_path, is_on):
    """It asked for a key that nobody has, and no night ended well while it lay there."""
    settings = place if is_on else replace(place, vault_key_file=None)
    content = vault.MARK + bytes([2]) + b"v1" + b"a" * 200
    path, sha256 = put(settings, content)
    assert taken(settings, path, sha256) == content


def test_a_missing_or_wrong_key_is_one_sentence(place, tmp_path):
    path, sha256 = put(place, b"x")
    with pytest.raises(KeyFileError, match="sealed with the key 'v1'; set CSP_VAULT_KEY_FILE"):
        taken(replace(place, vault_key_file=None), path, sha256)
    sealed_by(place, tmp_path, OTHER)
    with pytest.raises(KeyFileError, match="the key file of the vault does not have it"):
        taken(place, path, sha256)
    sealed_by(place, tmp_path, OTHER.replace("v2", "v1"))
    with pytest.raises(KeyFileError, match="another key of the name 'v1'"):
        taken(place, path, sha256)
    with pytest.raises(KeyFileError, match="the key file of the vault cannot be read"):
        taken(replace(place, vault_key_file=tmp_path / "none"), path, sha256)


def test_after_a_new_key_old_files_stay_readable(place, tmp_path):
    path, sha256 = put(place, b"old")
    sealed_by(place, tmp_path, f"{OTHER}\n{KEY}\n")
    assert taken(place, path, sha256) == b"old"
    path, sha256 = put(place, b"new")
    assert path.read_bytes()[len(vault.MARK) : len(vault.MARK) + 3] == b"\x02v2"


def test_a_night_over_sealed_deliveries(place, tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    contract = load(tmp_path / "contracts", (column("notes", "Notes"),))
    text = 'Notes\r\n"a boat, unlike any"\r\nanother boat\n'  # line ends that need a copy
    (source / "boats_2026-08.csv").write_text(text, newline="")
    contracts = {contract.feed: contract}
    (receipt,) = pull.pull(place, contracts, open_source(str(source))).landed
    assert b"unlike" not in receipt.bytes_path(place).read_bytes()
    night.gate_one(place, contracts, print)
    assert [entry.state for entry in deliveries(place, contracts)] == [PASSED]
    assert read(place, receipt).select("notes").fetchone() == ("a boat, unlike any",)
    # The same file once more is the same delivery, though it would be sealed differently.
    shutil.copytree(source, source / "again")
    assert pull.pull(place, contracts, open_source(str(source))).landed == []
    assert not [path for path in place.landing.rglob("*") if ".part-" in str(path)]
    # Where the system has no file system in memory, the opened file lies beside the sealed one.
    monkeypatch.setattr(vault, "_MEMORY", Path("/none"))
    assert parse(place, contract, receipt).rows == 2
    assert not [path for path in place.landing.rglob("*") if ".part-" in str(path)]


@pytest.mark.parametrize("memory", ["/dev/shm", "/none"])
def test_what_a_killed_run_left_open_is_swept_and_other_homes_are_left(
    place, tmp_path, monkeypatch, memory
):
    class Killed(BaseException):
        pass

    monkeypatch.setattr(vault, "_MEMORY", Path(memory))
    path, sha256 = put(place, b"the plain words")
    left = place.landing if memory == "/none" else Path(memory)
    place.landing.mkdir()
    path = path.rename(place.landing / "sealed")
    with monkeypatch.context() as patched:
        patched.setattr(
            vault.tempfile.TemporaryDirectory, "cleanup", lambda self: self._finalizer.detach()
        )
        with pytest.raises(Killed), vault.opened(place, path, sha256) as plain:
            raise Killed
    assert plain.read_bytes() == b"the plain words" and plain.is_relative_to(left)
    assert stat.S_IMODE(plain.parent.stat().st_mode) == 0o700
    assert vault.sweep(replace(place, home=tmp_path / "another")) == 0
    assert vault.sweep(place) == 1
    assert not plain.parent.exists() and path.exists()
    assert vault.sweep(place) == 0


@pytest.mark.parametrize("trick", ["file", "link", "broken link", "pipe"])
def test_what_others_put_into_memory_stops_no_night(place, tmp_path, monkeypatch, trick):
    """Anybody on the machine may write there, and can work out the name."""
    monkeypatch.setattr(vault, "_MEMORY", tmp_path / "memory")
    kept = tmp_path / "kept"
    kept.mkdir()
    left = tmp_path / "memory" / f"{vault._prefix(place)}x"
    left.parent.mkdir()
    if trick == "file":
        left.touch()
    elif trick == "pipe":
        os.mkfifo(left)
    else:
        left.symlink_to(kept if trick == "link" else tmp_path / "none")
    with night.alone(place):
        assert kept.is_dir()
    assert vault.sweep(place) == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_in_memory_is_left_alone(place, tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "_MEMORY", tmp_path / "memory")
    theirs = tmp_path / "memory" / f"{vault._prefix(place)}x"
    theirs.mkdir(parents=True)
    os.chown(theirs, 12345, 12345)
    assert vault.sweep(place) == 0
    assert theirs.is_dir()


def test_a_file_that_memory_has_no_room_for_is_opened_beside_the_sealed_one(
    place, tmp_path, monkeypatch
):
    path, sha256 = put(place, b"content")
    monkeypatch.setattr(vault, "_MEMORY", tmp_path)
    with vault.opened(place, path, sha256) as plain:
        assert plain.parent.parent == tmp_path
    monkeypatch.setattr(vault, "_ROOM", 1 << 60)
    with vault.opened(place, path, sha256) as plain:
        assert plain.parent.parent == path.parent
        assert plain.read_bytes() == b"content"


def test_a_delivery_that_was_tampered_with_is_refused_and_the_others_go_on(place, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    contract = load(tmp_path / "contracts", (column("notes", "Notes"),))
    for month in ("07", "08"):
        (source / f"boats_2026-{month}.csv").write_text(f"Notes\nboat {month}\n")
    contracts = {contract.feed: contract}
    first, _ = pull.pull(place, contracts, open_source(str(source))).landed
    path = first.bytes_path(place)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    night.gate_one(place, contracts, print)
    found = {entry.receipt.period: entry for entry in deliveries(place, contracts)}
    assert found["2026-07"].record.rule == "landing_changed"
    assert (found["2026-07"].state, found["2026-08"].state) == (REFUSED, PASSED)
