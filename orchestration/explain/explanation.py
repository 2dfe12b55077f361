"""The explanation of a number, and its wording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.core import vocabulary
from orchestration.explain.lineage import Model

_FEW = 24  # deliveries that are listed one by one


@dataclass(frozen=True)
class Explanation:
    """What a figure is based on, or a table where `measure` and `figure` are empty.

    * `figure` is the row of the mart: area, period, count, rate, missing_reason; `measure` its row of
      the register.
    * `deliveries` are the partner's deliveries for the period (feed, period, part, sha256, received_at,
      contract_version, row_count); `reference` those of reference data that placed the rows and gave
      the rate; `not_delivered` periods that are missing.
    * `models` come in the order in which the figure passes through them; `gate_1` holds rules by
      outcome and severity over `deliveries`; `gate_2` outcomes by suite and rule of the figure's marts.
    * `publication` has the hash of everything it was made from, when it was published, and whether the
      data are synthetic.
    * `held` says that gate 2 holds the measure, or that a waiver releases it, and why; else empty.
    * `frozen` is the figure in an edition, with `is_printed` and `is_same`; `None` if no edition was
      requested.
    """

    name: str
    measure: Mapping[str, Any]
    figure: Mapping[str, Any]
    deliveries: list[dict[str, Any]]
    reference: list[dict[str, Any]]
    not_delivered: list[dict[str, Any]]
    models: list[Model]
    gate_1: list[dict[str, Any]]
    gate_2: Mapping[str, Mapping[str, str]]
    publication: Mapping[str, Any]
    frozen: Mapping[str, Any] | None = None
    held: str = ""


def text(explanation: Explanation) -> str:
    """The explanation as text, one paragraph per question. No disclosure control: the figures are
    those of the warehouse."""
    parts = [
        _figure(explanation) if explanation.figure else _table(explanation),
        _frozen(explanation),
        _definition(explanation),
        _deliveries(explanation),
        _reference(explanation),
        ["Models", *(f"  {m.name:34} {m.path}" for m in explanation.models)],
        _gates(explanation),
        ["Publication", f"  inputs {explanation.publication['inputs']}",
         f"  published {explanation.publication['published_at']}"],
    ]  # fmt: skip
    marks = "OFFICIAL-SENSITIVE: figures as the warehouse holds them, without disclosure control."
    if explanation.publication["synthetic"]:
        marks += "\nSYNTHETIC: made-up extracts, not about any place."
    return "\n\n".join([marks, *("\n".join(part) for part in parts if part)])


def _figure(explanation: Explanation) -> list[str]:
    figure, measure = explanation.figure, explanation.measure
    lines = [
        f"{measure['measure_name']} ({explanation.name})",
        f"  {figure['area_name']} ({figure['area_code']}), {figure['period_name'] or figure['period']}"
        f" ({figure['period_type']}, {figure['period_start']} to {figure['period_end']})",
    ]
    counted = figure["modelled_count"] if figure["count"] is None else figure["count"]
    if counted is None:
        lines.append(f"  not known: {_why(figure['missing_reason'])}")
    else:
        lines.append(f"  count {_number(figure['count'])} {measure['unit']}")
        if figure["modelled_count"] is not None:
            lines.append(f"  as modelled by its publisher {_number(figure['modelled_count'])}")
    if figure["rate"] is not None:
        lines.append(
            f"  rate {_number(figure['rate'])} per {_number(measure['rate_per'])} "
            f"({_number(figure['rate_lower'])} to {_number(figure['rate_upper'])}), "
            f"over {_number(figure['denominator'])} ({measure['denominator']})"
        )
    if figure.get("rows_left_out"):
        lines.append(
            f"  {_number(figure['rows_left_out'])} rows of the deliveries could not be used; the count "
            "is short by at most so many"
        )
    if explanation.held:
        lines.append(f"  {explanation.held}")
    if figure["is_provisional"]:
        lines.append("  provisional: the partner may still restate it")
    return lines


def _table(explanation: Explanation) -> list[str]:
    return [
        f"Table {explanation.name} of the edition",
        f"  {explanation.publication['grain']}",
    ]


def _frozen(explanation: Explanation) -> list[str]:
    frozen = explanation.frozen
    if frozen is None:
        return []
    if not frozen["is_printed"]:
        return ["In the edition", "  this figure is not printed in it"]
    value = _number(frozen["count"])
    if frozen.get("suppressed"):
        return [
            "In the edition",
            f"  {vocabulary.NOT_SHOWN_IN_WORDS}: {vocabulary.hidden(frozen['suppressed'])}",
        ]
    if frozen.get("is_rounded"):
        return ["In the edition", f"  count {value}, rounded to protect people: not compared"]
    if frozen["count"] is None:
        value = f"not known ({_why(frozen['missing_reason'])})"
    same = "the same as today" if frozen["is_same"] else "today's figure differs"
    return ["In the edition", f"  count {value}; {same}"]


def _definition(explanation: Explanation) -> list[str]:
    measure = explanation.measure
    if not measure:
        return []
    lines = [
        f"Definition (version {measure['definition_version']}, {measure['verified']})",
        f"  {measure['definition']}",
        f"  rows that count: {measure['numerator']}",
    ]
    if measure["known_breaks"]:
        lines.append(f"  known breaks: {measure['known_breaks']}")
    return [*lines, f"  answers for it: {measure['owner']}"]


def _deliveries(explanation: Explanation) -> list[str]:
    found = explanation.deliveries
    if not found and not explanation.figure:
        return ["Deliveries", "  none: it is made from the register and the record of deliveries"]
    rows = sum(row["row_count"] or 0 for row in found)
    lines = [f"Deliveries ({len(found):,}, {rows:,} rows)"]
    if explanation.figure and len(found) <= _FEW:
        lines += [
            f"  {row['feed']} {row['period']}{' ' + row['part'] if row['part'] else ''}: "
            f"{_number(row['row_count'])} rows, received {row['received_at']:%Y-%m-%d %H:%M} UTC, "
            f"contract {row['contract_version']}, sha256 {row['sha256']}"
            for row in found
        ]
    else:
        by_feed = Counter(row["feed"] for row in found)
        lines += [f"  {feed}: {number:,}" for feed, number in sorted(by_feed.items())]
        lines.append("  each by its hash in governance.deliveries")
    return lines + [
        f"  {row['period']} is {vocabulary.said(row['state'])}" for row in explanation.not_delivered
    ]


def _reference(explanation: Explanation) -> list[str]:
    if not explanation.reference:
        return []
    return ["Reference data"] + [
        f"  {row['feed']} {row['period']}: contract {row['contract_version']}, "
        f"sha256 {row['sha256']}"
        for row in explanation.reference
    ]


def _gates(explanation: Explanation) -> list[str]:
    lines = ["Gate 1, rules over these deliveries"]
    lines += [
        line
        for row in explanation.gate_1
        for line in (
            f"  {row['rules']:,} {row['outcome']} ({row['severity']})",
            *(f"    {sentence}" for sentence in row["said"]),
        )
    ] or ["  no rule was run"]
    lines.append("Gate 2, on the marts")
    lines += [
        f"  {suite}: " + ", ".join(f"{rule} {outcome}" for rule, outcome in sorted(rules.items()))
        for suite, rules in sorted(explanation.gate_2.items())
    ] or ["  no suite is written for them"]
    return lines


def _why(reason: str | None) -> str:
    return "no reason is recorded" if reason is None else vocabulary.reason(reason)


def _number(value: float | None) -> str:
    if value is None:
        return "not known"
    return f"{value:,}" if float(value).is_integer() else f"{value:,.2f}"
