"""Proves that disclosure control is worked out anew for anything that differs, and only then."""

from dataclasses import replace

import pandas as pd
import pytest

from orchestration.disclosure.audit import Previous
from orchestration.disclosure.cache import once
from orchestration.disclosure.control import controlled, rules_in
from tests.support.disclosure_frames import REGISTER, Measure, edition

RULES = rules_in(REGISTER)


def tables(count=12, rule="under_5"):
    return edition(Measure("x", wards={"W1": count, "W2": 30}, rule=rule))


def test_equal_content_is_controlled_once():
    first = once(tables(), RULES, [])
    assert once(tables(), RULES, []) is first
    for name, frame in controlled(tables(), RULES).tables.items():
        pd.testing.assert_frame_equal(first.tables[name], frame)


def stricter():
    hidden = RULES.rules["suppress_to"].replace(4, 5)
    assert not hidden.equals(RULES.rules["suppress_to"])
    return replace(RULES, rules=RULES.rules.assign(suppress_to=hidden))


def before():
    return [Previous(controlled(tables(), RULES).tables["figures"], tables()["figures"])]


def turned():
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in tables().items()}
    return {name: frame.reset_index(drop=True) for name, frame in shuffled.items()}


@pytest.mark.parametrize(
    "other",
    [
        lambda: (tables(13), RULES, []),
        lambda: (tables(rule="none_public_source"), RULES, []),
        lambda: (turned(), RULES, []),
        lambda: (tables(), stricter(), []),
        lambda: (tables(), RULES, before()),
    ],
    ids=["a count", "a measure's rule", "the order of rows", "the rules", "an edition before"],
)
def test_whatever_differs_is_controlled_anew(other):
    first = once(tables(), RULES, [])
    second = once(*other())
    assert second is not first
    assert once(*other()) is second
    assert once(tables(), RULES, []) is not first  # only the last is kept
