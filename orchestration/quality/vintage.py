"""Codes of an earlier vintage: a ward that was replaced is told as such, and not as an unknown place.

A ward of before a change lies in the area, but in no one ward of today (boundaries were redrawn, so
nothing leads from one to the other). Its rows count in the whole area on a line of their own; the partner
is told, because a whole delivery of them leaves every ward of today empty.
"""

from __future__ import annotations

from orchestration.contracts.odcs import Contract, Rule
from orchestration.core import register
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.core.sql import literal


def rules(settings: Settings, contract: Contract) -> list[Rule]:
    """One warning for each column of ward codes: no row names a ward of the area that was replaced.

    Empty where the contract has no such column, or the register knows no replaced ward of the area. Also
    where the contract has no rules: one that checks nothing must still be refused for that.
    """
    columns = [column for column in contract.columns if column.area_code == "ward"]
    if not contract.rules or not columns or not (replaced := _replaced(settings)):
        return []
    codes = ", ".join(map(literal, replaced))
    return [
        Rule(
            f"in_force:{column.name}",
            "warning",
            "unexpected_rows_expectation",
            {
                "unexpected_rows_query": "select _delivery, _row from {batch} "
                f"where {column.name} in ({codes})"
            },
            f"column “{column.header}” holds wards that are in force today; a ward of before the last "
            "change counts in the whole area, but in no ward",
        )
        for column in columns
    ]


def _replaced(settings: Settings) -> list[str]:
    """Codes of the area's wards that are no longer in force, ordered."""
    query = """
        select coalesce(list(distinct ward_code order by ward_code), [])
        from read_csv($path, header = true, all_varchar = true)
        where district_code = $area and in_force_to is not null
    """
    known = {
        "path": str(register.table(settings, "area_ward")),
        "area": settings.partnership.area_code,
    }
    with connect() as connection:
        row = connection.execute(query, known).fetchone()
    return list(row[0]) if row else []
