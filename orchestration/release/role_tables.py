"""Which rows of a published table a role may see. Pure; deny by default: a table without a rule is left out.

A partner sees the rows of its own feeds and of the measures that are made from them; an area the rows of its
codes (a ward with its LSOAs). What holds no counts of anybody's is for both.
"""

from __future__ import annotations

from collections.abc import Collection

PARTNER, AREA = "partner", "area"
# Definitions, codes and boundaries: nobody's counts.
_FOR_ALL = {
    "governance.about",
    "governance.code_lists",
    "governance.disclosure_rules",
    "governance.thresholds",
    "marts.dim_offence",
    "marts.dim_period",
    "marts.dim_priority",
    "marts.dim_profile",
}
_PLACES = {"marts.area_boundary", "marts.dim_area"}
_DEFINITIONS = {"marts.dim_measure", "marts.priority_measure"}
# Column -> the rows that are a partner's: temporary tables made by `prepare`.
_OF_A_PARTNER = {
    "feed": "own_feeds",
    "measure_id": "own_measures",
    "partner": "own_partners",
}


def prepare(kind: str, subjects: Collection[str], source: str, measures: str) -> list[str]:
    """The statements that make what `selection` compares with, from the database attached as `source`.

    `measures` is its dim_measure by today's names, since an older publication can be put back.
    """
    listed = ", ".join("'" + subject.replace("'", "''") + "'" for subject in sorted(subjects))
    if kind == AREA:
        return [
            f"create or replace temp table own_areas as select distinct area_code as name "
            f"from {source}.marts.dim_area where area_code in ({listed}) or ward_code in ({listed})"
        ]
    return [
        f"create or replace temp table own_partners as select unnest([{listed}]) as name",
        f"create or replace temp table own_feeds as select feed as name "
        f"from {source}.governance.feeds where partner in (select name from own_partners)",
        f"create or replace temp table own_measures as select measure_id as name "
        f"from {measures} as measures where feed in (select name from own_feeds)",
    ]


def selection(kind: str, table: str, columns: Collection[str]) -> str | None:
    """The condition on a table's rows for a role of this kind; None where the role may not have the table."""
    if table in _FOR_ALL:
        return "true"
    if kind == PARTNER:
        if table in _PLACES:
            return "true"
        limits = [
            f'"{column}" in (select name from {own})'
            for column, own in _OF_A_PARTNER.items()
            if column in columns
        ]
    else:
        if table in _DEFINITIONS:
            return "true"
        limits = [
            f'"{column}" in (select name from own_areas)'
            for column in ("area_code", "ward_code")
            if column in columns
        ][:1]
    return " and ".join(limits) or None
