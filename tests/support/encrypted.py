"""Homes under a key, for tests: two keys, what a night does to raw, and looking for a key."""

import base64
import hashlib
from dataclasses import replace

import duckdb

from orchestration import night
from orchestration.ingest.landing import pull
from orchestration.ingest.transports import open_source
from orchestration.protection import encryption
from tests.conftest import settings_at
from tests.support.made_up import column, load

# No run of numbers: a column of a Parquet file may hold one.
FIRST = "w1 " + hashlib.sha256(b"the first key of the tests").hexdigest()
SECOND = "w2 " + hashlib.sha256(b"the second key of the tests").hexdigest()
VALUE = "a boat, unlike any"
ROWS = [(VALUE,), (VALUE,), ("boat 07",), ("boat 08",)]


def under(settings, folder, *lines):
    """The settings with a key file of these lines; with none, nothing is encrypted."""
    if not lines:
        return replace(settings, warehouse_key_file=None)
    path = folder / "warehouse.keys"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return replace(settings, warehouse_key_file=path)


def gated(settings, contracts):
    """What a night does until dbt; gives what it said."""
    said = []
    pull.pull(settings, contracts, open_source(settings.source))
    with night.alone(settings):
        night.gate_one(settings, contracts, said.append)
        night.write_manifest(settings, contracts)
    return said


def raw(settings):
    return {path: path.read_bytes() for path in sorted(settings.raw.rglob("*.parquet"))}


def rows(settings):
    """The rows of all deliveries, read as dbt reads them: every file of the feed at once."""
    with duckdb.connect() as connection:
        encryption.prepare(settings, connection)
        return connection.sql(
            f"select notes from read_parquet('{settings.raw}/harbour/boats/*/*.parquet'"
            f"{encryption.reading(encryption.key_of(settings))}) order by all"
        ).fetchall()


def holds_no_key(text: str | bytes, *lines: str) -> bool:
    """Whether none of the keys stands in the text, in none of the ways in which a key is written."""
    content = text.encode() if isinstance(text, str) else text
    for line in lines:
        secret = bytes.fromhex(line.split()[1])
        ways = (secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="))
        if any(way in content or way.upper() in content for way in ways):
            return False
    return True


def delivered(folder):
    """Settings of a home without a key, contracts, and two deliveries at their source."""
    source = folder / "source"
    source.mkdir()
    contract = load(folder / "contracts", (column("notes", "Notes"),))
    for month in ("07", "08"):
        (source / f"boats_2026-{month}.csv").write_text(f'Notes\n"{VALUE}"\nboat {month}\n')
    return settings_at(folder / "home", source), {contract.feed: contract}
