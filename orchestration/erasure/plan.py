"""What an erasure would take away: looked up first, shown, and only then carried out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.core.errors import WarehouseError
from orchestration.core.settings import Settings
from orchestration.core.wording import counted
from orchestration.ingest.landing import erased
from orchestration.ingest.landing.deliveries import LANDED, any_record
from orchestration.ingest.landing.receipts import Receipt, name_of, receipts
from orchestration.release.verify import ISSUE, MANIFEST, BrokenManifest, read_manifest

DELIVERY, PERSON = "delivery", "person"


class NothingToErase(WarehouseError):
    """What is to be erased is not there, or not one thing only. One sentence."""


@dataclass(frozen=True)
class Gone:
    """A delivery that goes whole (`rows` is None), or rows of it by their numbers in the file.

    `reason` is the sentence of gate 1, where it refused the delivery.
    """

    receipt: Receipt
    state: str
    rows: tuple[int, ...] | None
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What an erasure takes away. `editions` are those whose figures were made from one of the deliveries;
    `unsearched` are deliveries that could not be read, so that nobody knows whether the person is in them."""

    what: str
    gone: tuple[Gone, ...]
    editions: tuple[str, ...] = ()
    unsearched: tuple[Receipt, ...] = ()


def of_delivery(settings: Settings, name: str) -> Plan:
    """The plan to erase one delivery: `partner/feed/period/seq-hash`, the last two parts of that, or at least
    twelve digits of its sha256. Copies of the same bytes under other names go with it.

    Raises:
        NothingToErase: there is no such delivery, or more than one.
    """
    known = receipts(settings)
    named = [one for one in known if _is_named(one, name)]
    sha256s = {one.sha256 for one in named}
    if not named:
        raise NothingToErase(
            'there is no such delivery in landing; csp sql "select feed, delivery_id from '
            'governance.deliveries" lists them'
        )
    if len(sha256s) > 1:
        feeds = ", ".join(sorted({f"{one.feed} {one.delivery_id}" for one in named})[:5])
        raise NothingToErase(f"that names more than one delivery: {feeds}; name the feed as well")
    gone = [whole(settings, one) for one in known if one.sha256 in sha256s]
    return Plan(DELIVERY, tuple(gone), editions_of(settings, sha256s))


def _is_named(receipt: Receipt, name: str) -> bool:
    if re.fullmatch(r"[0-9a-f]{12,64}", name):
        return receipt.sha256.startswith(name)
    return name in (receipt.delivery_id, name_of(receipt))


def whole(settings: Settings, receipt: Receipt) -> Gone:
    """A delivery that goes whole, with the state that gate 1 gave it under whichever contract."""
    found = any_record(settings, receipt)
    return Gone(receipt, found.state, None, found.reason) if found else Gone(receipt, LANDED, None)


def editions_of(settings: Settings, sha256s: Collection[str]) -> tuple[str, ...]:
    """The issued editions whose manifest names one of the deliveries, as `2025-26/v1`."""
    found = []
    for folder in sorted(settings.editions.glob("[0-9]*/v*/*")):
        named = (_manifest(folder) or {}).get("deliveries")
        if isinstance(named, list) and any(one.get("sha256") in sha256s for one in named):
            found.append("/".join(folder.parts[-3:-1]))
    return tuple(dict.fromkeys(found))


def in_words(plan: Plan) -> list[str]:
    """The plan for people: a line for each delivery and each edition, without a value."""
    said = [
        f"{gone.receipt.feed} {gone.receipt.delivery_id}: "
        + ("the whole delivery" if gone.rows is None else counted(len(gone.rows), "row"))
        for gone in plan.gone
    ]
    said += [
        f"{receipt.feed} {receipt.delivery_id}: cannot be read, so it was not searched"
        for receipt in plan.unsearched
    ]
    said += [
        f"edition {edition}: made with it; it stays as issued, and csp verify says so"
        for edition in plan.editions
    ]
    return said


def inputs_erased(settings: Settings, folder: Path) -> list[str]:
    """What to say of an edition or publication made from deliveries of which something was erased since:
    one line for each day. The folder stays as it was issued, and verifiable.

    Raises:
        LedgerBroken: the record of erasures cannot be read.
    """
    parts = [folder, *sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))]
    manifests = [found for part in parts if (found := _manifest(part)) is not None]
    names = {f"{one['year']}/v{one['version']}" for one in map(_issue, parts) if one is not None}
    used = {
        one.get("sha256")
        for manifest in manifests
        if isinstance(manifest.get("deliveries"), list)
        for one in manifest["deliveries"]
    }
    days = {
        entry["at"][:10]
        for entry in erased.ledger(settings).entries()
        if used & {one["sha256"] for one in entry["deliveries"]} or names & set(entry["editions"])
    }
    return [f"inputs erased on {day}" for day in sorted(days)]


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        return read_manifest(folder)
    except BrokenManifest:
        return None


def _issue(folder: Path) -> dict[str, Any] | None:
    """The issue record of an edition's variant, if there is one that can be read."""
    try:
        found = json.loads((folder / ISSUE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"year", "version"} <= set(found) else None
