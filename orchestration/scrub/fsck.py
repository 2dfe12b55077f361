"""`csp fsck` and the nightly scrub: every kept byte against what vouches for it.

| What | Vouched for by | Damaged or gone |
|---|---|---|
| originals in landing | the sha256 in their receipts | named: nothing makes them again |
| receipts | the ledger, and their seals | made again from the ledger |
| the ledger | its chain, and the head noted by the last scrub | made again from receipts and editions |
| records of gate 1, the build, pulls and digests | seals; that they were there | taken away: runs write |
| raw | the sha256 in the records of gate 1, and the mark of its key | made again from landing |
| the assembled register, the parsed project, dbt's manifest | hashes beside them | made again before use |
| the candidate | the record of its build | built again |
| publications | their manifests, whose hash is in their name | published again; older ones are taken away |
| roles' copies of one | their manifests, whose hash is in the ledger of what was given | made again from it |
| the ledgers of what was erased and given | their chains and heads | named: nothing makes them again |
| editions | manifests, issue records, index and ledger | named: nothing makes them again |

Presence, size and time of everything are looked at each time; what differs in one, and a share of the rest
(those read longest ago), is read whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.contracts.odcs import Contract
from orchestration.core import ledger
from orchestration.core.settings import Settings
from orchestration.scrub import derived, kept, state
from orchestration.scrub.look import Found, Look
from orchestration.scrub.state import State


def check(
    settings: Settings,
    contracts: Mapping[str, Contract],
    *,
    share: int = 1,
    repair: bool = False,
    kept_only: bool = False,
) -> State:
    """Check everything that is kept, and one in `share` files by their content; return what was found.

    With `repair`, what is derived is made again, or taken away so that the next run does; a fault that was
    made good does not stand. With `kept_only`, only what cannot be made again is read, and nothing is
    written: what a backup asks. Needs the run's lock.

    Raises:
        KeyFileError: something is encrypted, and the key that opens it is not set.
    """
    look = Look(settings, contracts, share, repair and not kept_only)
    faults = tuple(_kept_faults(look) if kept_only else _faults(look))
    found = State(
        at=settings.now.isoformat(timespec="seconds"),
        read=look.read,
        of=look.of,
        head=ledger.read(settings.home, fresh=True).head,
        faults=faults,
    )
    if not kept_only:
        if repair:  # what is gone was told, and made again or purged
            look.verified.drop_gone()
        look.verified.save()
        state.save(settings, found)
    return found


def _kept_faults(look: Look) -> Found:
    """The faults in what nothing makes again."""
    yield from kept.main_ledger(look)
    yield from kept.sealed_ledgers(look)
    yield from kept.receipts(look)
    yield from kept.originals(look)
    yield from kept.editions(look)
    yield from kept.purges(look)


def _faults(look: Look) -> Found:
    """Every fault; the ledger and receipts first, by which all else is known."""
    yield from kept.main_ledger(look)
    yield from kept.sealed_ledgers(look)
    if look.repair or not ledger.read(look.settings.home).damaged:
        kept.enter(look)
    yield from kept.receipts(look)
    yield from kept.originals(look)
    yield from derived.records_of_gate_one(look)
    yield from derived.raw(look)
    yield from derived.quarantined(look)
    yield from derived.project_and_candidate(look)
    yield from derived.publications(look)
    yield from derived.given(look)
    yield from kept.editions(look)
    yield from derived.small_records(look)
    yield from kept.purges(look)
