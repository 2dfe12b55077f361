"""Carrying an erasure out: what is kept of a delivery is written first, then the record, then all else goes.

Killed anywhere, it is finished: before the record nothing is gone and the same erasure can be asked for
again; after it, every run begins by removing whatever of it is still there (`settle`), which is also what
happens when an older backup of landing was restored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from orchestration.contracts.odcs import Contract
from orchestration.core import candidate, formulas, register
from orchestration.core.errors import WarehouseError
from orchestration.core.files import move_into_place, scratch, take_away
from orchestration.core.settings import Settings
from orchestration.core.vocabulary import GROUNDS
from orchestration.erasure.plan import Gone, Plan
from orchestration.ingest.landing import erased
from orchestration.ingest.landing.receipts import (
    Receipt,
    enter,
    receipts,
    remembered,
    write_receipt,
)
from orchestration.ingest.readers import rewritten
from orchestration.ingest.readers.parse import as_sent
from orchestration.protection import vault
from orchestration.quality.statements import is_somebody
from orchestration.release import publish


class NotErased(WarehouseError):
    """The erasure cannot be carried out as asked. One sentence; nothing is gone."""


@dataclass(frozen=True)
class Done:
    """What was done: the entry of the ledger, and the successors of deliveries that lost rows."""

    entry: Mapping[str, Any]
    rewritten: tuple[Receipt, ...]


def carry_out(
    settings: Settings, contracts: Mapping[str, Contract], plan: Plan, ground: str, by: str
) -> Done:
    """Erase what the plan says, and all that was made from it but the present publication.

    Needs the run's lock.

    `ground` is one of `vocabulary.GROUNDS`, `by` who answers for it (a person or a role).

    Raises:
        NotErased: the ground is unknown, or nobody answers for it.
        LedgerBroken: the record of erasures is damaged, so no other can be added.
    """
    if ground not in GROUNDS:
        raise NotErased(f"not erased: the ground is one of {', '.join(GROUNDS)}")
    if not is_somebody(by):
        raise NotErased("not erased: nobody answers for it; name a person or a role with --by")
    erased.tombstones(settings)
    kept = [_kept(settings, contracts, gone) for gone in plan.gone]
    entry = {
        "what": plan.what,
        "at": settings.now.isoformat(),
        "ground": ground,
        "by": by,
        "backups_until": (settings.today + timedelta(days=_backup_days(settings))).isoformat(),
        "editions": list(plan.editions),
        "deliveries": [
            {
                "feed": gone.receipt.feed,
                "period": gone.receipt.period,
                "seq": gone.receipt.seq,
                "sha256": gone.receipt.sha256,
                "state": gone.state,
                "rows": None if gone.rows is None else list(gone.rows),
                "replaced_by": None if successor is None else successor.sha256,
            }
            for gone, successor in zip(plan.gone, kept, strict=True)
        ],
    }
    erased.record(settings, entry)
    erased.take_away(settings, [gone.receipt for gone in plan.gone])
    enter(settings)
    _take_away_derived(settings)
    return Done(entry, tuple(one for one in kept if one is not None))


def unsettled(settings: Settings) -> list[Receipt]:
    """Deliveries in landing, or in the ledger, whose bytes were erased; raises LedgerBroken if nobody can
    say."""
    gone = erased.tombstones(settings)
    if not gone:
        return []
    known = dict.fromkeys((*receipts(settings), *remembered(settings)))
    return [one for one in known if one.sha256 in gone]


def settle(settings: Settings, contracts: Mapping[str, Contract]) -> int:
    """Erase again what a killed erasure or a restored backup left; return how many deliveries went.

    Needs the run's lock. Raises as `unsettled` does.
    """
    stones, left = erased.tombstones(settings), unsettled(settings)
    if not left:
        return 0
    there = receipts(settings)
    for receipt in left:
        rows = _rows_of_chain(stones, receipt.sha256) if receipt.feed in contracts else None
        has_successor = any(
            one.feed == receipt.feed
            and (one.slot, one.seq) == (receipt.slot, receipt.seq)
            and one.replaces
            and one.sha256 not in stones
            for one in there
        )
        if rows is not None and not has_successor and receipt in there:
            _kept(settings, contracts, Gone(receipt, "", rows))
    erased.take_away(settings, left)
    enter(settings)
    _take_away_derived(settings)
    return len(left)


def _rows_of_chain(stones: Mapping[str, erased.Tombstone], sha256: str) -> tuple[int, ...] | None:
    """All rows that had to go from a delivery and its successors; None if one of them had to go whole."""
    rows: set[int] = set()
    following: str | None = sha256
    while following is not None and (stone := stones.get(following)) is not None:
        if stone.rows is None:
            return None
        rows |= set(stone.rows)
        following = stone.replaced_by
    return tuple(sorted(rows))


def _kept(settings: Settings, contracts: Mapping[str, Contract], gone: Gone) -> Receipt | None:
    """Write what is kept of a delivery without the rows, as its successor in the same place; None if it
    goes whole. Encrypted, where landing is."""
    if gone.rows is None:
        return None
    receipt = gone.receipt
    place = receipt.bytes_path(settings)
    with (
        vault.workspace(settings, place) as folder,
        scratch(place.parent, rewritten.ENDING) as temporary,
    ):
        plain = folder / "rows"
        with as_sent(settings, contracts[receipt.feed], receipt) as (connection, relation):
            rewritten.write(connection, relation, gone.rows, plain)
        with plain.open("rb") as stream:
            sha256, size = vault.copy_in(settings, stream, temporary)
        successor = replace(
            receipt,
            sha256=sha256,
            size=size,
            ending=rewritten.ENDING,
            replaces=receipt.sha256,
        )
        move_into_place(temporary, successor.bytes_path(settings))
    write_receipt(settings, successor)
    return successor


def _take_away_derived(settings: Settings) -> None:
    """Remove everything that was made from deliveries and is made again: the candidate with what dbt wrote,
    the manifest of deliveries, assessments not issued, and the publications before the present one."""
    candidate.forget(settings)
    take_away([settings.warehouse / "dbt", settings.raw / "_manifest"])
    take_away(settings.editions.glob(".*"))
    publish.keep_only_present(settings)


def _backup_days(settings: Settings) -> int:
    """How long a backup may hold what was erased."""
    path = register.table(settings, "threshold_register")
    return int(formulas.read_thresholds(path)["backup_kept_days"])
