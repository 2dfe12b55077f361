"""What a reader can judge by the months of the whole area: their change, season and control chart.

The side that publishes makes it of the months that it shows, the attacker of those that are printed; what
follows from months follows for both, by the formulas of the warehouse.
"""

from __future__ import annotations

import duckdb

from orchestration.disclosure.queries import make

SHOWN, PRINTED = "shown_month", "read_month"
_JUDGED = ("month_change", "month_series", "month_season", "month_chart")  # later ones read earlier


def judge(connection: duckdb.DuckDBPyConnection, months: str) -> None:
    """Make the tables `month_change`, `month_series`, `month_season` and `month_chart` of a workspace, of the
    months that are `SHOWN` or `PRINTED` in it (`city_month`)."""
    make(connection, months, "city_month")
    for name in _JUDGED:
        make(connection, name)
