"""How long disclosure control and its audit take, and how much memory, on the published warehouse.

    python benchmarks/disclosure.py var/published/warehouse.duckdb 2024-25 2025-26

Each year is controlled with the preceding year as the previous edition. Peak memory is that of the process.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import duckdb

from orchestration.disclosure.control import Previous, controlled, rules_in
from orchestration.figures import warehouse_tables

REGISTER = Path(__file__).parents[1] / "seeds" / "register"


def main(warehouse: str, *labels: str) -> None:
    """Print one line per year."""
    rules, previous = rules_in(REGISTER), None
    for label in labels:
        with duckdb.connect(warehouse, read_only=True) as connection:
            tables = warehouse_tables.collect(connection, warehouse_tables.year_of(label))
        begun = time.perf_counter()
        made = controlled(tables, rules, previous=previous)
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = made.audit
        hidden = int((made.decisions["suppressed"] == "linked").sum())
        print(
            f"{label}: {seconds:.1f} s, peak {peak:.0f} MB; {found.cells} counts read,"
            f" {found.attacked} protected ones attacked, {found.relations} equations,"
            f" {found.components} groups, {found.programmes} programmes in the last attack;"
            f" {hidden} more hidden in {made.rounds} rounds; passed: {found.passed}"
        )
        previous = Previous(made.tables["figures"], tables["figures"])


if __name__ == "__main__":
    main(*sys.argv[1:])
