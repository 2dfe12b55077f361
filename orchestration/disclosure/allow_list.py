"""The columns that may be published: read from `allow_list.yaml`; everything else is withheld."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import pandas as pd

from orchestration.core import plain_yaml
from orchestration.core.errors import WarehouseError

_PATH = Path(__file__).with_name("allow_list.yaml")


class MissingColumn(WarehouseError):
    """A table or column of the public edition is missing. One sentence."""


@cache
def columns() -> Mapping[str, list[str]]:
    """Table -> the columns that may be published, in the order in which they are printed."""
    return cast(dict[str, list[str]], plain_yaml.load(_PATH.read_text(encoding="utf-8")))


def allowed(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Only the listed tables, with only the listed columns.

    Raises:
        MissingColumn: a listed table or column is missing.
    """
    kept = {}
    for table, names in columns().items():
        if table not in tables:
            raise MissingColumn(f"the public edition lists the table {table}, which was not made")
        if absent := [name for name in names if name not in tables[table].columns]:
            raise MissingColumn(f"the public table {table} lacks {', '.join(absent)}")
        kept[table] = tables[table][names].reset_index(drop=True)
    return kept


def unlisted(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What `tables` hold beyond the list, as `table` or `table.column`, in order."""
    listed = columns()
    found = [table for table in tables if table not in listed]
    found += [
        f"{table}.{name}"
        for table, frame in tables.items()
        if table in listed
        for name in frame.columns
        if name not in listed[table]
    ]
    return sorted(found)
