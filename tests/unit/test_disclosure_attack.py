"""The bounds of linked counts, against trying every possibility."""

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.disclosure.attack import NothingFits, attack

TERMS = ["relation", "sense", "constant", "var", "coefficient"]


def variables(*bounds, least=2):
    frame = pd.DataFrame(bounds, columns=["low", "high"], dtype="float64")
    return frame.assign(var=range(len(bounds)), target=True, least_width=least)


def equations(*rows):
    """Rows of (sense, constant, {variable: coefficient}) as terms."""
    return pd.DataFrame(
        [
            (f"r{index}", sense, constant, var, weight)
            for index, (sense, constant, weights) in enumerate(rows)
            for var, weight in weights.items()
        ],
        columns=TERMS,
    )


def intervals(found):
    return list(zip(found.found["low"], found.found["high"], strict=True))


def test_two_hidden_counts_with_a_known_sum():
    found = attack(variables((1, 4), (1, 4)), equations(("=", 7, {0: 1.0, 1: 1.0})))
    assert intervals(found) == [(3, 4), (3, 4)]
    assert found.components == 1
    assert found.found["is_exact"].all()


def test_what_is_printed_exactly_links_nothing():
    """Two groups that share only a number that everybody knows are attacked apart."""
    terms = equations(("=", 0, {0: 1.0, 1: 1.0, 2: -1.0}), ("=", 0, {2: -1.0, 3: 1.0, 4: 1.0}))
    found = attack(variables((1, 4), (1, 4), (5, 5), (1, 4), (1, 4)), terms)
    assert found.components == 2
    assert intervals(found) == [(1, 4), (1, 4), (5, 5), (1, 4), (1, 4)]


def test_without_equations_the_printed_bounds_are_all():
    found = attack(variables((1, 7), (5, None)), equations())
    assert intervals(found)[0] == (1, 7)
    assert found.programmes == 0


def test_tables_that_contradict_each_other_cannot_be_attacked():
    with pytest.raises(NothingFits, match="fit no counts at all"):
        attack(variables((1, 4), (1, 4)), equations(("=", 9, {0: 1.0, 1: 1.0})))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_count_that_is_possible_is_left_out(data):
    """Intervals hold every whole number that a solution has, and those called exact no other ends for
    sums of consecutive counts (their matrix is totally unimodular)."""
    truth = data.draw(st.lists(st.integers(0, 6), min_size=4, max_size=4))
    bounds = [
        (max(0, n - data.draw(st.integers(0, 2))), n + data.draw(st.integers(0, 2))) for n in truth
    ]
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3)
    )
    rows, kept = [], []
    for one, other in spans:
        members = range(min(one, other), max(one, other) + 1)
        rows.append(("=", float(sum(truth[i] for i in members)), dict.fromkeys(members, 1.0)))
        kept.append((list(members), sum(truth[i] for i in members)))
    possible = [
        counts
        for counts in itertools.product(*(range(low, high + 1) for low, high in bounds))
        if all(sum(counts[i] for i in members) == total for members, total in kept)
    ]
    # Nothing is wide enough for a least width of 99, so every interval is found exactly.
    found = attack(variables(*bounds, least=99), equations(*rows))
    expected = [(min(c[i] for c in possible), max(c[i] for c in possible)) for i in range(4)]
    assert intervals(found) == expected
