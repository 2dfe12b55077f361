"""Sentences about places: wards, concentration, peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.report import rows, text

ABOVE, BELOW = "above the outer limit", "below the outer limit"


def funnel(wards: pd.DataFrame) -> str:
    """Which wards differ from the city by more than chance (the outer limits), as a title."""
    there = rows.shown(wards, "rate")
    judged = there[rows.column(there, "position").notna()]
    if judged.empty:
        return ""
    high = judged[judged["position"] == ABOVE].sort_values("rate", ascending=False)
    low = judged[judged["position"] == BELOW]
    total = f"{len(judged)} wards"
    throughout = rows.column(judged, "differs_throughout").fillna(False).astype(bool).any()
    if high.empty and low.empty:
        if throughout:
            return f"Wards differ by more than chance throughout; none stands out beyond that ({total})"
        return f"No ward differs from the whole area by more than chance ({total})"
    parts = []
    if not high.empty:
        named = text.listed(high["ward_name"].tolist(), 3)
        parts.append(f"{named} {'is' if len(high) == 1 else 'are'} higher than chance explains")
    if not low.empty:
        begin = "none higher and " if high.empty else ""
        parts.append(f"{begin}{text.few(len(low))} {'is' if len(low) == 1 else 'are'} lower")
    named = f"{text.upper_first('; '.join(parts))} (of {total})"
    return f"{named}, though wards differ by more than chance throughout" if throughout else named


def hidden_wards(wards: pd.DataFrame) -> str:
    """How many wards are not shown, or empty."""
    hidden = int(rows.column(wards, "suppressed").notna().sum())
    if hidden == 0:
        return ""
    number = text.upper_first(text.few(hidden))
    return f"{number} of {len(wards)} wards {_is(hidden)} {vocabulary.NOT_SHOWN_IN_WORDS}."


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def concentration(row: Mapping[str, Any], unit: str) -> list[str]:
    """The share in the tenth of LSOAs with most events, and whether they stay the same."""
    if row.get("suppressed") or row.get("share_in_top_tenth") is None:
        return []
    tenth = (
        f"{text.share(row['share_in_top_tenth'])} of {unit} are in a tenth of the neighbourhoods"
    )
    parts = [f"{tenth} ({row['top_lsoas']} of {row['lsoas']} LSOAs)."]
    if row.get("lsoas_with_half") is not None:
        parts.append(f"Half of them are in {row['lsoas_with_half']} LSOAs.")
    stayed = row.get("persistent_lsoas")
    if stayed is not None:
        of = f"of those {row['top_lsoas']}"
        parts.append(
            f"{text.upper_first(text.few(stayed))} {of} were among them the year before as well."
        )
    return parts


def map_title(lsoas: pd.DataFrame, name_column: str) -> str:
    """The neighbourhoods with the highest rates, as a title."""
    there = rows.shown(lsoas, "rate").sort_values(["rate", name_column], ascending=[False, True])
    if there.empty:
        return "No neighbourhood has a rate that may be shown"
    return f"The highest rates are in {text.listed(there[name_column].head(3).tolist())}"


def peers(group: pd.DataFrame) -> str:
    """The area's position among its peers, or that there are no peers to compare with."""
    there = rows.shown(group, "rate")
    own = rows.first(there[there["is_own_area"].astype(bool)]) if not there.empty else None
    if own is None:
        return ""
    others = there[~there["is_own_area"].astype(bool)]
    if others.empty:
        return "No other district of the peer group was supplied, so there is no comparison with peers."
    place, size = int(own["rank_in_group"]), len(there)
    lower = int((others["rate_upper"] < own["rate_lower"]).sum())
    higher = int((others["rate_lower"] > own["rate_upper"]).sum())
    clear = [
        f"clearly {side} {text.few(count)}"
        for side, count in (("above", lower), ("below", higher))
        if count
    ]
    began = f"The rate is the {_ordinal(place)} of {text.few(size)} districts of the group"
    if not clear:
        return f"{began}, but not clearly different from any other, judged by their confidence intervals."
    return f"{began}: {text.listed(clear)} of the others, judged by their confidence intervals."


def _ordinal(place: int) -> str:
    words = ("highest", "second highest", "third highest", "fourth highest", "fifth highest")
    return words[place - 1] if place <= len(words) else f"highest but {place - 1}"
