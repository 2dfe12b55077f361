"""Where a person's rows are, by the pseudonym or by the value itself, which stays in memory.

A passed delivery loses the rows. One that was refused, or was never read, is used for nothing, and its file
may hold the value where no reader looks: it goes whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestration.contracts.model import KEY_NAME
from orchestration.contracts.odcs import Contract
from orchestration.core.engine import connect
from orchestration.core.errors import WarehouseError
from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern, literal
from orchestration.erasure.plan import PERSON, Gone, NothingToErase, Plan, editions_of, whole
from orchestration.ingest.landing.deliveries import PASSED
from orchestration.ingest.landing.receipts import Receipt, receipts
from orchestration.ingest.readers.parse import as_sent, parquet_path
from orchestration.protection import encryption, pseudonyms, vault

_PSEUDONYM = re.compile(rf"{KEY_NAME}-[0-9a-f]{{32}}")
_FEWEST = 4  # letters and digits by which a person can be found
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
_LARGEST_MEMBER = 1 << 29  # bytes of a workbook's part; larger ones are refused on reading, too


class TooShort(WarehouseError):
    """A value by which nobody can be told apart. One sentence, without the value."""


@dataclass(frozen=True)
class Person:
    """A pseudonym, or a value as a partner writes it. Never shown, never written."""

    text: str = field(repr=False)

    @property
    def is_pseudonym(self) -> bool:
        return _PSEUDONYM.fullmatch(self.text) is not None


def of_person(settings: Settings, contracts: Mapping[str, Contract], person: Person) -> Plan:
    """The plan to erase a person's rows from every delivery.

    Raises:
        TooShort: the value has fewer than four letters and digits.
        NothingToErase: no delivery holds it.
    """
    if len(re.sub(r"[\W_]", "", person.text)) < _FEWEST:
        raise TooShort(f"that is too short to find a person by: give at least {_FEWEST} characters")
    found: list[Gone] = []
    unsearched: list[Receipt] = []
    in_raw: dict[str, list[Receipt]] = {}
    for receipt in receipts(settings):
        contract, entire = contracts.get(receipt.feed), whole(settings, receipt)
        has_identifiers = contract is not None and bool(pseudonyms.columns_of(contract))
        if contract is not None and entire.state == PASSED and not has_identifiers:
            if not person.is_pseudonym:  # which cannot be in a feed without identifiers
                in_raw.setdefault(receipt.feed, []).append(receipt)
            continue
        try:
            gone = _looked_up(settings, contract, entire, person)
        except (Refusal, OSError):
            unsearched.append(receipt)
        else:
            found += [] if gone is None else [gone]
    for feed, ours in in_raw.items():
        named = [one for one in ours if _pattern(person.text).search(one.source_path)]
        found += [Gone(one, PASSED, None) for one in named]
        others = [one for one in ours if one not in named]
        for receipt, rows in _rows_in_raw(settings, contracts[feed], others, person).items():
            found.append(Gone(receipt, PASSED, rows))
    if not found:
        more = f"; {len(unsearched)} that cannot be read were not searched" if unsearched else ""
        raise NothingToErase(f"no delivery that is kept holds it{more}")
    editions = editions_of(settings, {gone.receipt.sha256 for gone in found})
    return Plan(PERSON, tuple(found), editions, tuple(unsearched))


def _looked_up(
    settings: Settings, contract: Contract | None, entire: Gone, person: Person
) -> Gone | None:
    """What of a delivery is the person's, by the file itself; None if nothing is.

    Raises:
        Refusal: only the rows could tell, and they cannot be read.
        OSError: the file is not there.
    """
    receipt = entire.receipt
    if not person.is_pseudonym and _pattern(person.text).search(receipt.source_path):
        return entire
    if (entire.state != PASSED or contract is None) and not person.is_pseudonym:
        return entire if _is_in_file(settings, receipt, person) else None
    if contract is None or not pseudonyms.columns_of(contract):
        return None
    if not (rows := _rows_as_sent(settings, contract, receipt, person)):
        return None
    return replace(entire, rows=rows) if entire.state == PASSED else entire


def _rows_as_sent(
    settings: Settings, contract: Contract, receipt: Receipt, person: Person
) -> tuple[int, ...]:
    """The numbers of the person's rows in a delivery of a feed with pseudonyms, from the file itself."""
    columns = pseudonyms.columns_of(contract)
    key = pseudonyms.key_for(settings, contract, synthetic=receipt.synthetic)
    with as_sent(settings, contract, receipt) as (connection, relation):
        if person.is_pseudonym:
            changes, parameters = pseudonyms.replaced(contract, key)
            where = " or ".join(f'"{column.name}" = $person' for column in columns)
            query = f"select _row from (select * {changes} from ({relation})) where {where}"
            values: dict[str, object] = {**parameters, "person": person.text}
        else:
            query = f"select _row from ({relation}) where {_holds(contract)}"
            values = {"value": person.text, "pattern": _pattern(person.text).pattern}
        found = connection.execute(f"select distinct _row from ({query}) order by 1", values)
        return tuple(int(row[0]) for row in found.fetchall())


def _rows_in_raw(
    settings: Settings, contract: Contract, ours: Sequence[Receipt], person: Person
) -> dict[Receipt, tuple[int, ...]]:
    """The same of a feed without pseudonyms, from raw, where every value is as it was sent."""
    files = {str(path): one for one in ours if (path := parquet_path(settings, one)).exists()}
    if not files:
        return {}
    option = encryption.reading(encryption.key_of(settings))
    listed = ", ".join(literal(as_pattern(Path(name))) for name in files)
    with connect() as connection:
        encryption.prepare(settings, connection)
        connection.execute("set temp_directory = ''")
        rows = connection.execute(
            "select filename, list(_row order by _row) from read_parquet("
            f"[{listed}], hive_partitioning = false, union_by_name = true, filename = true{option}) "
            f"where {_holds(contract)} group by 1",
            {"pattern": _pattern(person.text).pattern},
        ).fetchall()
    return {files[name]: tuple(numbers) for name, numbers in rows}


def _holds(contract: Contract) -> str:
    """SQL for whether a row holds `$value` as an identifier, or `$pattern` in another text."""
    parts = []
    for column in contract.columns:
        name = f'"{column.name}"'
        if column.pseudonym:
            parts.append(f"lower({pseudonyms.bare(name)}) = lower({pseudonyms.bare('$value')})")
        parts.append(f"regexp_matches({name}, $pattern)")
    return "(" + " or ".join(parts) + ")"


def _pattern(text: str) -> re.Pattern[str]:
    """The value as a word of its own, whatever its capitals and the spaces or hyphens between its digits."""
    return re.compile(r"(?i)(?:^|[^a-z0-9])" + _loose(text) + r"(?:$|[^a-z0-9])")


def _loose(text: str) -> str:
    words = re.split(r"[\s-]+", text.strip())
    between = "[ -]?" if re.fullmatch(r"[\d\s-]+", text) else r"[\s-]+"
    if between == "[ -]?":
        words = list("".join(words))
    return between.join(re.sub(r"([^\w])", r"\\\1", word) for word in words)


def _is_in_file(settings: Settings, receipt: Receipt, person: Person) -> bool:
    """Whether the value is anywhere in a file: in its bytes, or in those of a member of its archive."""
    path = receipt.bytes_path(settings)
    pattern = re.compile(r"(?i)" + _loose(person.text))
    try:
        with vault.opened(settings, path, receipt.sha256) as source:
            content = source.read_bytes()
    except Refusal:  # damaged since it landed: what is left of it is looked through all the same
        content = path.read_bytes()
    parts = [content]
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts += [_member(archive, info) for info in archive.infolist()]
    return any(
        pattern.search(part.decode(encoding, "replace"))
        for part in parts
        for encoding in _ENCODINGS
    )


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes, as many as are ever read; its name if it cannot be opened."""
    try:
        with archive.open(info) as stream:
            return info.filename.encode() + b"\n" + stream.read(_LARGEST_MEMBER)
    except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return info.filename.encode()
