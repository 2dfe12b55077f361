"""raw/ is checked before it is read, and made again from landing where it is damaged or gone.

A raw file is vouched for by the sha256 in the record beside it. One without a record is of no delivery
that was judged: it is taken away, and the delivery read again. Where the original is damaged as well,
the delivery is refused until it is restored, and what it replaced counts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import duckdb

from orchestration.contracts.odcs import Contract
from orchestration.core.files import sha256_of
from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings, SettingsError
from orchestration.core.verified import Verified
from orchestration.ingest.landing import deliveries as states
from orchestration.ingest.landing.deliveries import Record
from orchestration.ingest.landing.receipts import Receipt, receipts
from orchestration.ingest.readers.parse import Parsed, parquet_path, parse

_RULE = "landing_changed"


@dataclass
class Mended:
    """What was done about raw, by delivery: made again, to be judged again, or lost until restored."""

    again: list[Receipt] = field(default_factory=list)
    unjudged: list[Receipt] = field(default_factory=list)
    lost: list[Receipt] = field(default_factory=list)


def changed(settings: Settings, verified: Verified) -> int:
    """How many raw files are gone or damaged, of those that do not look as when they were last verified."""
    look = [r for r in receipts(settings) if not verified.is_same(parquet_path(settings, r))]
    known = {receipt: states.any_record(settings, receipt) for receipt in look}
    return sum(1 for _ in unsound(settings, known, verified))


def unsound(
    settings: Settings, known: Mapping[Receipt, Record | None], verified: Verified
) -> Iterator[Receipt]:
    """Of these deliveries, those whose raw file is gone or is not the one that was judged."""
    for receipt, record in known.items():
        if record is None or not record.raw_sha256:
            continue
        path = parquet_path(settings, receipt)
        if path.is_file() and sha256_of(path) == record.raw_sha256:
            verified.note(path, settings.today)
        else:
            verified.drop(path)
            yield receipt


def rotten(settings: Settings) -> list[str]:
    """The raw files that are not those that were judged, one sentence each; all of raw is read."""
    return [
        f"the file in raw of {receipt.feed} {receipt.period} has changed or is gone"
        for receipt in unsound(settings, records_of(settings), Verified(settings.home))
    ]


def records_of(settings: Settings) -> dict[Receipt, Record | None]:
    """The record of every delivery, under whichever contract it was made; `None` if damaged or absent."""
    return {receipt: states.any_record(settings, receipt) for receipt in receipts(settings)}


def mend(
    settings: Settings, contracts: Mapping[str, Contract], say: Callable[[str], None]
) -> Mended:
    """Make raw whole before it is read: all of it is hashed. Needs the run's lock; may be killed and run
    again.

    Raises:
        KeyFileError: a key that is set cannot be used.
    """
    known = _adopted(settings, records_of(settings))
    verified, done = Verified(settings.home), Mended()
    for receipt in list(unsound(settings, known, verified)):
        record = known[receipt]
        assert record is not None
        contract = contracts.get(receipt.feed)
        what = f"{receipt.feed} {receipt.period}: its file in raw was damaged or gone"
        if contract is None or record.contract_fingerprint != contract.fingerprint:
            _forget(settings, receipt)  # nobody reads it as it was judged
            done.unjudged.append(receipt)
            continue
        parsed = _again(settings, contract, receipt)
        if isinstance(parsed, Refusal) and parsed.rule == _RULE:
            _lose(settings, receipt, record, parsed)
            done.lost.append(receipt)
            say(f"{what}, and so is the original; it counts again once that is restored")
        elif isinstance(parsed, Parsed) and record.raw_sha256 == parsed.sha256:
            verified.note(parquet_path(settings, receipt), settings.today)
            done.again.append(receipt)
            say(f"{what}; it was made again from the original")
        elif isinstance(parsed, Parsed) and record.rows == parsed.rows:
            # The same rows in other bytes: encrypted, or written by another release of the engine.
            states.write_record(settings, receipt, replace(record, raw_sha256=parsed.sha256))
            verified.note(parquet_path(settings, receipt), settings.today)
            done.again.append(receipt)
            say(f"{what}; it was made again from the original")
        else:
            _forget(settings, receipt)
            done.unjudged.append(receipt)
            say(f"{what}; it is read and judged again")
    _take_strays_away(settings)
    verified.save()
    return done


def _again(settings: Settings, contract: Contract, receipt: Receipt) -> Parsed | Refusal | None:
    """The delivery parsed again, or why it cannot be; `None` for an error of ours, which gate 1 tells."""
    try:
        return parse(settings, contract, receipt)
    except Refusal as refusal:
        return refusal
    except (OSError, SettingsError, duckdb.OperationalError, duckdb.OutOfMemoryException):
        raise
    except Exception:  # noqa: BLE001 - gate 1 meets it again, and gives its place
        return None


def vouch(settings: Settings, receipt: Receipt) -> None:
    """Take a raw file as it is now for the one that its record speaks of: after it was rewritten."""
    record, path = states.any_record(settings, receipt), parquet_path(settings, receipt)
    if record is not None and record.rows is not None and path.is_file():
        states.write_record(settings, receipt, replace(record, raw_sha256=sha256_of(path)))


def restored(settings: Settings, receipt: Receipt) -> bool:
    """Let a delivery that was refused for a damaged original be judged again: the original is sound."""
    record = states.any_record(settings, receipt)
    if record is None or record.rule != _RULE:
        return False
    _forget(settings, receipt)
    return True


def _adopted(
    settings: Settings, known: Mapping[Receipt, Record | None]
) -> dict[Receipt, Record | None]:
    """Vouch for the raw files of an older release, whose records hold no sha256, as they are found."""
    found = dict(known)
    for receipt, record in known.items():
        if record is None or record.raw_sha256 or record.rows is None:
            continue
        if parquet_path(settings, receipt).is_file():
            vouch(settings, receipt)
        else:
            _forget(settings, receipt)
        found[receipt] = states.any_record(settings, receipt)
    return found


def _forget(settings: Settings, receipt: Receipt) -> None:
    # The record first: without one, the delivery is read from landing.
    states.record_path(settings, receipt).unlink(missing_ok=True)
    parquet_path(settings, receipt).unlink(missing_ok=True)


def _lose(settings: Settings, receipt: Receipt, record: Record, refusal: Refusal) -> None:
    parquet_path(settings, receipt).unlink(missing_ok=True)
    lost = replace(
        record,
        state=states.REFUSED,
        rows=None,
        reason=refusal.sentence,
        rule=refusal.rule,
        rejected={},
        raw_sha256="",
    )
    states.write_record(settings, receipt, lost)


def _take_strays_away(settings: Settings) -> None:
    """Remove Parquet of no delivery that was judged, which dbt would read with the others."""
    judged = {
        parquet_path(settings, receipt)
        for receipt, record in records_of(settings).items()
        if record is not None
    }
    for path in settings.raw.glob("*/*/*/*.parquet"):
        if path not in judged and path.parent.name != "_none":
            path.unlink()
