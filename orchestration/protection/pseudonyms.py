"""Pseudonyms: they replace the identifiers used to count repeats, before a delivery is stored.

A pseudonym is `<name of the key>-<32 hexadecimal digits>`: the first half of HMAC-SHA-256 over the
column's domain and the identifier. Within a domain the same identifier always has the same
pseudonym; across domains they cannot be compared.

DuckDB has sha256 and no HMAC, so HMAC is put together from two of them, as RFC 2104 defines it; no
value passes through Python. The identifiers are in memory only, in a database that may not spill.

To change keys, put the new one above the old in the key file: deliveries judged under the old are
read again from landing in the next run, all of them, and none of the two kinds meets the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import duckdb

from orchestration.contracts.model import Column, Contract
from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.protection.key_file import Key, KeyFileError, keys_of, read_keys

_BLOCK = 64  # bytes in a block of SHA-256
_ROWS_NAMED = 20
# This key is public: it is used for synthetic people if no other is set.
SYNTHETIC_KEY = Key(
    "synthetic", hashlib.sha256(b"SYNTHETIC: a made-up key for made-up people").digest()
)


def key_of(settings: Settings) -> Key | None:
    """The key in use for real deliveries, if one is set.

    Raises:
        KeyFileError: the key that is set cannot be used.
    """
    if settings.pseudonym_key_file is not None:
        keys = read_keys(settings.pseudonym_key_file, "the key file for pseudonyms", settings.home)
    elif settings.pseudonym_key is not None:
        keys = keys_of(settings.pseudonym_key.replace(";", "\n"), "the setting CSP_PSEUDONYM_KEY")
    else:
        return None
    if keys[0].name == SYNTHETIC_KEY.name:
        raise KeyFileError("the name synthetic is the made-up key's; give the key another")
    return keys[0]


def columns_of(contract: Contract) -> list[Column]:
    """The columns whose identifiers are replaced."""
    return [column for column in contract.columns if column.pseudonym]


def bound(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """The contracts, with the key in use as part of what a delivery is judged under.

    With a new key every delivery with pseudonyms is read again, so that old and new never mix.
    """
    if not any(columns_of(contract) for contract in contracts.values()):
        return dict(contracts)
    key = key_of(settings)
    under = f"{key.name} {key.mark}" if key else "no key"
    return {
        feed: replace(
            contract,
            fingerprint=hashlib.sha256(f"{contract.fingerprint} {under}".encode()).hexdigest(),
        )
        if columns_of(contract)
        else contract
        for feed, contract in contracts.items()
    }


def key_for(settings: Settings, contract: Contract, *, synthetic: bool) -> Key | None:
    """The key for a delivery; `None` where its feed has no pseudonyms.

    Raises:
        Refusal: the feed needs a key and none is set.
    """
    needing = columns_of(contract)
    if not needing:
        return None
    # Only the source declares its extracts to be synthetic, and it may be wrong.
    key = key_of(settings) or (SYNTHETIC_KEY if synthetic else None)
    if key is None:
        raise Refusal(
            "no_pseudonym_key",
            f"column “{needing[0].header}” is only stored as a pseudonym, and no key for pseudonyms "
            "is set (CSP_PSEUDONYM_KEY_FILE); the file is kept until there is one",
        )
    return key


def check_as_sent(connection: duckdb.DuckDBPyConnection, rows: str, contract: Contract) -> None:
    """Check identifiers against their agreed form, which is lost once they are replaced.

    Raises:
        Refusal: an identifier is not written as agreed.
    """
    for column in columns_of(contract):
        if column.pattern is None:
            continue
        where = (
            f'from ({rows}) where "{column.name}" is not null '
            f'and not regexp_full_match("{column.name}", {literal(column.pattern)})'
        )
        found = connection.execute(f"select count(*) {where}").fetchone()
        if found is None or not found[0]:
            continue
        first = connection.execute(
            f"select _row {where} order by _row limit {_ROWS_NAMED}"
        ).fetchall()
        number = f"{found[0]:,} row{'s' * (found[0] != 1)}"
        raise Refusal(
            f"pattern:{column.name}",
            f"not so: column “{column.header}” is written as agreed ({column.pattern}) ({number})",
            tuple(row[0] for row in first),
        )


def replaced(contract: Contract, key: Key | None) -> tuple[str, dict[str, bytes]]:
    """SQL that follows `select *` to replace identifiers, and its parameters."""
    if key is None:
        return "", {}
    columns = columns_of(contract)
    changes = ", ".join(f'{_pseudonym(column, key)} as "{column.name}"' for column in columns)
    return f"replace ({changes})", pads(key.secret)


def pads(secret: bytes) -> dict[str, bytes]:
    """The two blocks that HMAC begins its two hashes with, as parameters of a query."""
    if len(secret) > _BLOCK:
        secret = hashlib.sha256(secret).digest()
    block = secret.ljust(_BLOCK, b"\0")
    return {
        "inner": bytes(byte ^ 0x36 for byte in block),
        "outer": bytes(byte ^ 0x5C for byte in block),
    }


def hmac_of(text: str) -> str:
    """SQL for HMAC-SHA-256 (hexadecimal) over the text expression `text`; see `pads`."""
    return f"sha256($outer || unhex(sha256($inner || encode({text}))))"


def bare(text: str) -> str:
    """SQL for an identifier as it is hashed: the same number may be written with or without spaces; one
    with letters is left as it is."""
    return (
        f"case when regexp_full_match({text}, '[0-9 -]+') then regexp_replace({text}, '[ -]', '', 'g') "
        f"else trim({text}) end"
    )


def _pseudonym(column: Column, key: Key) -> str:
    name = f'"{column.name}"'
    message = f"{literal(str(column.pseudonym))} || chr(31) || {bare(name)}"
    return (
        f"case when trim({name}) <> '' "
        f"then {literal(key.name + '-')} || left({hmac_of(message)}, 32) end"
    )
