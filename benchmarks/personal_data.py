"""How well the scanner's patterns do: recall by kind, false alarms by group, on a labelled set of texts.

    .venv/bin/python -m benchmarks.personal_data [--against FILE] [--missed]

`--against`: also measure an earlier `contracts/personal_data.py` (`git show REVISION:… > FILE`); it may be
any that has `holds` and `IN_WORDS`. `--missed`: list what was missed and what was taken by mistake. The
table is the one in docs/data-protection.md.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd

from orchestration.contracts import personal_data
from tests.support.labelled_texts import labelled

Condition = Callable[[str], str]


def condition_of(patterns: ModuleType) -> Condition:
    """SQL that is true where any kind is found, as the scanner looks at one text in a column of free text."""

    def any_kind(text: str) -> str:
        alone = {"alone": True} if patterns is personal_data else {}
        found = [patterns.holds(kind, text, **alone) for kind in patterns.IN_WORDS]
        if hasattr(patterns, "holds_untitled_name"):
            found.append(patterns.holds_untitled_name(text))
        return " or ".join(f"({condition})" for condition in found)

    return any_kind


def measured(*conditions: Condition) -> pd.DataFrame:
    """One row a text: label, text, personal, and whether each condition found it (`found_0`, …)."""
    texts = pd.DataFrame([vars(entry) for entry in labelled()])
    text = personal_data.plain("text")
    wanted = ", ".join(
        f"coalesce({condition(text)}, false) as found_{place}"
        for place, condition in enumerate(conditions)
    )
    with duckdb.connect() as connection:
        connection.register("texts", texts)
        return connection.execute(f"select *, {wanted} from texts").df()


def table(found: pd.DataFrame) -> str:
    """The figures as a table in Markdown: one line a kind, one a group, and the totals."""
    columns = [name for name in found.columns if name.startswith("found_")]
    head = ["before", "now"][-len(columns) :]
    lines = [
        f"| Kind or group | Texts | {' | '.join(f'Found {word}' for word in head)} |",
        f"|---|--:|{'--:|' * len(columns)}",
    ]

    def line(title: str, rows: pd.DataFrame, *, mark: str = "") -> str:
        shares = (f"{mark}{int(rows[c].sum())} ({rows[c].mean():.0%}){mark}" for c in columns)
        return f"| {mark}{title}{mark} | {len(rows)} | {' | '.join(shares)} |"

    for personal, total in ((True, "all that lead to a person (recall)"), (False, "all harmless")):
        part = found[found.personal == personal]
        for label, rows in part.groupby("label", sort=False):
            lines.append(line(str(label).replace("_", " "), rows))
        lines.append(line(total, part, mark="**"))
    precise = (
        f"**{found[found[c]].personal.mean():.1%}**" if found[c].any() else "-" for c in columns
    )
    lines.append(
        f"| **precision: of all found, those that lead to a person** | | {' | '.join(precise)} |"
    )
    return "\n".join(lines)


def _earlier(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("earlier_personal_data", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--missed", action="store_true")
    chosen = parser.parse_args()
    modules = [*([_earlier(chosen.against)] if chosen.against else []), personal_data]
    found = measured(*map(condition_of, modules))
    print(table(found))
    if chosen.missed:
        last = found[f"found_{len(modules) - 1}"]
        wrong = found[last != found.personal]
        print(wrong[["label", "text"]].to_string(index=False))


if __name__ == "__main__":
    main()
