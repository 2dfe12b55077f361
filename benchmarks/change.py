"""How often the test of change finds one where nothing changed, and how often where something did.

Months are drawn with a season of ± 25 %, from a negative binomial of known dispersion, twelve (or four) pairs
of them for each series, and judged by the project's own formula. Two tables are printed in Markdown, for
docs/methods.md.

    .venv/bin/python -m benchmarks.change [--repeats 4000] [--seed 15]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from orchestration.core import formulas
from orchestration.core.settings import PROJECT

DISPERSIONS = (1, 2, 5, 10)
MEANS = (3, 10, 20, 100, 600)
RISES = (1.1, 1.2, 1.4)
_SEASON = 0.25


def pairs(
    draw: np.random.Generator,
    mean: float,
    dispersion: float,
    rise: float,
    months: int,
    repeats: int,
) -> pd.DataFrame:
    """Pairs of months of as many series as `repeats`: columns series, now, before."""
    usual = mean * (1 + _SEASON * np.sin(2 * np.pi * np.arange(months) / 12))

    def counts(level: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        shape = (repeats, months)
        if dispersion == 1:
            return draw.poisson(np.broadcast_to(level, shape))
        size = np.broadcast_to(level / (dispersion - 1), shape)
        return draw.negative_binomial(size, 1 / dispersion)

    return pd.DataFrame(
        {
            "series": np.repeat(np.arange(repeats), months),
            "now": counts(usual * rise).ravel(),
            "before": counts(usual).ravel(),
        }
    )


def judged(connection: duckdb.DuckDBPyConnection, given: pd.DataFrame) -> pd.DataFrame:
    """The formula's answer for every series; a base that is too small is judged all the same if the
    thresholds of the connection allow it."""
    connection.register("given", given)
    return connection.execute("select * from paired_change('given')").df()


def share_found(connection: duckdb.DuckDBPyConnection, given: pd.DataFrame) -> tuple[float, float]:
    """The share of judged series that are found to have changed at 5 %: by this test, and by the plain one
    (|a − b| / √(a + b) above 1.96)."""
    found = judged(connection, given)
    known = found[found["p_value"].notna()]
    if known.empty:
        return float("nan"), float("nan")
    plain = (known["now"] - known["before"]).abs() / np.sqrt(known["now"] + known["before"])
    return float((known["p_value"] < 0.05).mean()), float((plain > 1.959964).mean())


def open_to(**thresholds: float) -> duckdb.DuckDBPyConnection:
    """A connection with the formulas and the register's thresholds, some of them replaced."""
    seed = PROJECT / "seeds" / "register" / formulas.SEED
    connection = duckdb.connect(config={"threads": 1})
    formulas.define(connection, {**formulas.read_thresholds(seed), **thresholds})
    return connection


def false_alarms(months: int, repeats: int, seed: int) -> str:
    """The table of false alarms in per cent (in brackets: the plain test's), by mean and dispersion."""
    draw = np.random.default_rng(seed)
    lines = [_head("mean a month")]
    with open_to(minimum_pairs=2, minimum_paired_mean=0) as connection:
        for mean in MEANS:
            cells = []
            for dispersion in DISPERSIONS:
                given = pairs(draw, mean, dispersion, 1, months, repeats)
                found, plain = share_found(connection, given)
                cells.append(f"{found:.1%} ({plain:.0%})")
            lines.append(f"| {mean} | " + " | ".join(cells) + " |")
    return "\n".join(lines).replace("%", " %")


def power(months: int, repeats: int, seed: int) -> str:
    """The table of how often a true rise is found, in per cent, by mean, rise and dispersion."""
    draw = np.random.default_rng(seed)
    lines = [_head("mean a month, true rise")]
    with open_to(minimum_pairs=2, minimum_paired_mean=0) as connection:
        for mean in MEANS[1:]:
            for rise in RISES:
                cells = [
                    f"{share_found(connection, pairs(draw, mean, d, rise, months, repeats))[0]:.0%}"
                    for d in DISPERSIONS
                ]
                lines.append(f"| {mean}, {rise - 1:.0%} | " + " | ".join(cells) + " |")
    return "\n".join(lines).replace("%", " %")


def _head(first: str) -> str:
    names = [first, *(f"φ = {dispersion}" for dispersion in DISPERSIONS)]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=15)
    given = parser.parse_args(arguments)
    for months in (12, 4):
        print(f"Found although nothing changed, {months} pairs (5 % is right):\n")
        print(false_alarms(months, given.repeats, given.seed))
        print(f"\nA true rise is found, {months} pairs:\n")
        print(power(months, given.repeats, given.seed), "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
