"""Every list of allowed values says whose it is and of which day, and changes only with its date.

A list is what the publisher had on a day. When a list changes, its row of `code_list_register` (day,
number of entries, checksum) changes with it: this test prints what to enter.
"""

import hashlib
from datetime import date

import pandas as pd
import pytest

from orchestration.contracts.odcs import load_contracts
from orchestration.core import register
from tests.conftest import PROJECT, settings_at

SEEDS = PROJECT / "seeds"
LISTS = pd.read_csv(SEEDS / "register" / "code_list_register.csv", dtype=str, keep_default_na=False)
LISTS = LISTS.set_index("used_by")
FLAGS = {"Y", "N"}


def checksum(values):
    return hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest()[:16]


def enumerated():
    """The values of every column for which a contract lists them, but for yes and no."""
    contracts = load_contracts(PROJECT / "expectations" / "feeds")
    return {
        f"{feed}.{column.name}": list(column.allowed) or [column.pattern]
        for feed, contract in contracts.items()
        for column in contract.columns
        if (column.allowed and set(column.allowed) != FLAGS)
        or f"{feed}.{column.name}" in LISTS.index
    }


def seeded():
    """The values of every list that a table of the register holds."""
    found = {}
    for use in LISTS.index[~LISTS.index.str.contains("/")]:
        place, _, listed_in = use.partition(":")
        seed, column = place.split(".")
        path = next(
            path for part in ("areas", "register") for path in (SEEDS / part).glob(f"{seed}.csv")
        )
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if listed_in:
            frame = frame[frame["listed_in"] == listed_in]
            values = (
                frame["part"]
                if "part" in frame
                else frame["ho_code"] + "|" + frame["offence_title"] + "|" + frame["offence_group"]
            )
        else:
            values = frame[column]
        found[use] = values.unique().tolist()
    return found


IN_USE = enumerated() | seeded()


def test_every_list_in_use_is_registered_and_every_registered_one_is_used():
    assert sorted(set(IN_USE) ^ set(LISTS.index)) == []
    assert LISTS.index.is_unique


@pytest.mark.parametrize("use", sorted(LISTS.index))
def test_a_list_is_the_one_that_was_dated(use):
    row, values = LISTS.loc[use], IN_USE[use]
    assert row["checksum"] == checksum(values), f"{use}: {len(values)} entries, {checksum(values)}"
    assert row["entries"] in ("", str(len(values)))


def test_a_list_says_whose_it_is_and_of_which_day():
    assert (LISTS["publisher"] != "").all() and (LISTS["list"] != "").all()
    assert all(date.fromisoformat(day) for day in LISTS["as_at"])
    assert set(LISTS["verified"]) == {"verified", "unverified"}
    published = LISTS[LISTS["address"] != ""]
    assert published["address"].str.startswith("https://").all()
    assert (published["licence"] != "").all()


def test_one_list_is_the_same_wherever_it_is_used():
    """The categories of data.police.uk stand in a contract and in a table of the register."""
    shared = LISTS[LISTS["list"] == "police_uk_categories"]
    assert len(shared) == 2 and shared["checksum"].nunique() == 1


def test_the_register_of_lists_can_be_laid_over(tmp_path):
    """A partnership that agrees another list dates it in its own folder."""
    assert (
        register.table(settings_at(tmp_path), "code_list_register").name == "code_list_register.csv"
    )


def test_every_sexual_offence_of_the_publisher_counts_as_one():
    taxonomy = pd.read_csv(SEEDS / "register" / "offence_taxonomy.csv", dtype=str).set_index(
        "ho_code"
    )
    sexual = set(taxonomy.index[taxonomy["offence_group"] == "Sexual offences"])
    assert sexual == {
        "17A", "17B", "19C", "19D", "19E", "19F", "19G", "19H", "20A", "20B", "21", "22A", "22B", "23",
        "70", "71", "72", "73", "88A", "88C", "88D", "88E",
    }  # fmt: skip
    assert (taxonomy["listed_in"] == "ons_2018").sum() == 130
