"""Whether a delivery is another one of its feed under a second name: a renamed copy would count twice.

A period (or a part of it) may hold what another one holds in three ways: the same bytes, most of its
identifiers, or most of its rows. The delivery that came later is refused, with both names; of two that
came at once, the one of a part that nobody waits for, and otherwise both, since nothing tells which name
is right. A few shared identifiers are a matter of the rows. Deliveries without rows, and tables of
counts in which there is no number above zero, state that there was nothing: any two of them are alike.

Rows are compared where each of them is something particular: where they have an identifier or a day. In
a table of counts they may be alike by chance, so nearly all have to be, more rarely than
`repetition_percent` allows. What a contract says is carried over from period to period (`carriesOver`)
is not compared between the periods of a part, but between parts all the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from orchestration.contracts.model import CARRIED, NUMBERS, Contract
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import parquet_path
from orchestration.protection import encryption
from orchestration.quality import chance
from orchestration.quality.outcomes import FAILED, RuleOutcome

BYTES, IDENTIFIERS, ROWS = "same_bytes", "same_identifiers", "same_rows"
RULES = (BYTES, IDENTIFIERS, ROWS)
_WORDS = {
    BYTES: "holds the same bytes as",
    IDENTIFIERS: "holds most of the identifiers of",
    ROWS: "holds most of the rows of",
}
# What is not compared between periods, by what the contract says is carried over.
_CARRIED = dict(zip(CARRIED, ((IDENTIFIERS,), (IDENTIFIERS, ROWS), RULES), strict=True))


@dataclass(frozen=True)
class Same:
    """Why a delivery is refused, and the deliveries (by id) on account of which."""

    outcome: RuleOutcome
    against: tuple[str, ...]


def judge(
    settings: Settings,
    contract: Contract,
    subjects: Sequence[Receipt],
    live: Sequence[Receipt],
) -> dict[Receipt, Same]:
    """Which of the deliveries to be judged are others under a second name.

    `subjects` have rows and have passed all else; `live` are the feed's deliveries that count so far.
    Both have been parsed.
    """
    known = {receipt.delivery_id: receipt for receipt in (*live, *subjects)}
    if not subjects or len({receipt.slot for receipt in known.values()}) < 2:
        return {}
    alike = _alike(settings, contract, subjects, list(known.values()))
    own = contract.expected_part(settings.partnership)
    standing = {receipt.delivery_id for receipt in live} - {one.delivery_id for one in subjects}
    found: dict[Receipt, Same] = {}

    def turn(receipt: Receipt) -> tuple[str, bool]:
        return receipt.received_at, receipt.part != own

    for _, together in groupby(sorted(subjects, key=turn), key=turn):
        group = {receipt.delivery_id: receipt for receipt in together}
        for one, receipt in group.items():
            if rivals := [pair for pair in alike.get(one, ()) if pair[1] in standing]:
                found[receipt] = _refused(receipt, rivals, known)
        left = {one for one, receipt in group.items() if receipt not in found}
        for one in left:
            # Neither came first: nothing tells which of the names is right.
            if rivals := [pair for pair in alike.get(one, ()) if pair[1] in left]:
                found[group[one]] = _refused(group[one], rivals, known)
        standing |= {one for one in left if group[one] not in found}
    return found


def _refused(
    receipt: Receipt, rivals: Sequence[tuple[str, str]], known: Mapping[str, Receipt]
) -> Same:
    rule, first = min(rivals, key=lambda pair: (RULES.index(pair[0]), pair[1]))
    other = known[first]
    more = f" (and of {len(rivals) - 1} more)" if len(rivals) > 1 else ""
    sentence = (
        f"“{receipt.file_name}” {_WORDS[rule]} “{other.file_name}”{more}, which is for "
        f"{other.slot.replace('.', ' ')}; the same thing never counts under two names: a file that "
        "corrects another has that one's name"
    )
    return Same(
        RuleOutcome(rule, "critical", FAILED, sentence),
        tuple(sorted({delivery for _, delivery in rivals})),
    )


def _alike(
    settings: Settings, contract: Contract, subjects: Sequence[Receipt], all_: Sequence[Receipt]
) -> dict[str, list[tuple[str, str]]]:
    """By subject, the deliveries of other slots that it is like, and in what: (rule, delivery)."""
    limits = chance.thresholds_of(settings)
    numbers = [column.name for column in contract.columns if column.logical_type in NUMBERS]
    is_of_counts = bool(numbers) and not contract.rows_are_particular
    files = ", ".join(literal(as_pattern(parquet_path(settings, receipt))) for receipt in all_)
    option = encryption.reading(encryption.key_of(settings))
    parts = [
        f"select _delivery, '{ROWS}' as rule, hash({_names(contract)}) as thing, {{bits}} from lines"
    ]
    if is_of_counts:
        # The chance that two counts around a number are the same: that of the commonest difference
        # of two Poisson counts, 1 / sqrt(4 pi n), in bits.
        each = (
            f"greatest(0, 0.5 * log2(4 * pi() * try_cast(replace(\"{name}\", ',', '') as double)))"
            for name in numbers
        )
        bits = " + ".join(
            f"coalesce(case when try_cast(replace(\"{name}\", ',', '') as double) > 0 then {one} end, 0)"
            for name, one in zip(numbers, each, strict=True)
        )
        parts = [parts[0].format(bits=f"{bits} as bits") + " where bits > 0"]
    else:
        parts = [parts[0].format(bits="0.0 as bits")]
    parts += [
        f"select _delivery, '{IDENTIFIERS}' as rule, hash('{name}', \"{name}\") as thing, 0.0 as bits "
        f'from lines where "{name}" is not null'
        for name in contract.identifiers
    ]
    is_comparable = is_of_counts or contract.rows_are_particular
    wanted = f"rule = '{IDENTIFIERS}'" if not is_comparable else "true"
    share = limits["shared_counts_percent" if is_of_counts else "shared_percent"] / 100
    least_bits = -math.log2(1 - limits["repetition_percent"] / 100) if is_of_counts else 0.0
    carried = ", ".join(map(literal, _CARRIED.get(contract.carries_over, ()))) or "''"
    about = ", ".join(
        f"({literal(receipt.delivery_id)}, {literal(receipt.slot)}, {literal(receipt.part)}, "
        f"{literal(receipt.sha256)}, {receipt in subjects})"
        for receipt in all_
    )
    query = f"""
        with about(delivery, slot, part, sha256, is_subject) as (values {about}),
        lines as (select * from read_parquet([{files}], hive_partitioning = false{option})),
        things as (select distinct * from ({" union all ".join(parts)})),
        sizes as (select _delivery, rule, count(*) as size from things group by all),
        met as (
            select one._delivery as one, other._delivery as other, rule,
                count(*) as shared, sum(one.bits) as bits
            from things as one
            inner join things as other using (rule, thing)
            inner join about as mine on mine.delivery = one._delivery
            inner join about as theirs on theirs.delivery = other._delivery
            where mine.is_subject and mine.slot <> theirs.slot and {wanted}
            group by all
        ),
        alike as (
            select met.one, met.other, met.rule
            from met
            inner join sizes as mine on mine._delivery = met.one and mine.rule = met.rule
            inner join sizes as theirs on theirs._delivery = met.other and theirs.rule = met.rule
            where met.shared > {share!r} * least(mine.size, theirs.size)
                and met.shared >= {limits["shared_least"]!r} and met.bits >= {least_bits!r}
            union all
            select one.delivery, other.delivery, '{BYTES}'
            from about as one
            inner join about as other on other.sha256 = one.sha256 and other.slot <> one.slot
            where one.is_subject
                and one.delivery in (select _delivery from sizes where rule = '{ROWS}')
        )
        select distinct alike.one, alike.rule, alike.other
        from alike
        inner join about as mine on mine.delivery = alike.one
        inner join about as theirs on theirs.delivery = alike.other
        where mine.part <> theirs.part or alike.rule not in ({carried})
        order by all
    """
    found: dict[str, list[tuple[str, str]]] = {}
    with connect(threads=2) as connection:
        encryption.prepare(settings, connection)
        for one, rule, other in connection.execute(query).fetchall():
            found.setdefault(one, []).append((rule, other))
    return found


def _names(contract: Contract) -> str:
    return ", ".join(f'"{column.name}"' for column in contract.columns)
