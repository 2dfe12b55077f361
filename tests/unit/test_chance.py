"""Chance, on made-up series: how often it is mistaken for a fault, and which faults it cannot hide."""

import random

import pytest

from orchestration.core.formulas import read_thresholds
from orchestration.core.settings import PROJECT
from orchestration.quality import chance

THRESHOLDS = read_thresholds(PROJECT / "seeds" / "register" / "threshold_register.csv")
SEASON = [0.9, 0.85, 1.0, 1.0, 1.1, 1.1, 1.2, 1.15, 1.0, 0.95, 0.9, 0.85]


def series(mean, months=40, wobble=0.0, seed=1):
    """Counts with a season: of Poisson's scatter, and wider by `wobble` (a coefficient of variation)."""
    draw = random.Random(seed)
    found = []
    for month in range(months):
        expected = mean * SEASON[month % 12] * max(draw.gauss(1, wobble), 0.1)
        found.append(max(round(draw.gauss(expected, expected**0.5)), 0))
    return found


def judged(rows):
    counted = [
        chance.Counted(f"{turn:03d}", "", turn, 1 + turn % 12, count)
        for turn, count in enumerate(rows)
    ]
    return chance.expectations(counted, THRESHOLDS)


def is_told(rows, turn=-1):
    expected = judged(rows).get(f"{turn % len(rows):03d}")
    return chance.in_words(rows[turn], expected)[0]


@pytest.mark.parametrize(("mean", "wobble"), [(15, 0), (120, 0), (120, 0.1), (3000, 0.05)])
def test_sound_months_are_told_less_than_once_in_two_years(mean, wobble):
    told = months = 0
    for seed in range(4):
        rows = series(mean, wobble=wobble, seed=seed)
        expected = judged(rows)
        months += len(expected)
        told += sum(
            not e.fewest <= rows[int(delivery)] <= e.most for delivery, e in expected.items()
        )
    assert months == 160
    assert told / months < 1 / 24


@pytest.mark.parametrize(("mean", "wobble"), [(180, 0), (600, 0.05), (3000, 0.05)])
def test_two_fifths_left_out_are_told(mean, wobble):
    for seed in range(4):
        rows = series(mean, wobble=wobble, seed=seed)
        rows[-1] = round(0.6 * mean * SEASON[39 % 12])
        assert is_told(rows)


def test_a_large_steady_feed_is_held_more_closely_than_a_small_one():
    large, small = judged(series(3000))["039"], judged(series(60))["039"]
    assert large.fewest / large.rows > 0.85
    assert small.fewest / small.rows < 0.75


def test_chance_alone_empties_a_tiny_feed_and_no_limit_is_made_of_it():
    assert judged([2, 1, 3, 0, 2, 1, 2, 4, 1])["003"].fewest == 0


def test_with_too_few_others_there_is_no_verdict_and_that_is_said():
    assert judged([100, 100, 40]) == {}
    assert chance.in_words(40, None) == (
        False, "the number of rows is not judged: there are too few other deliveries"
    )  # fmt: skip


def test_one_bad_month_hides_no_other_and_makes_no_neighbour_unusual():
    rows = series(600)
    rows[30] = 100
    expected = judged(rows)
    told = {d for d, e in expected.items() if not e.fewest <= rows[int(d)] <= e.most}
    assert "030" in told
    assert not told & {"029", "031", "018", "006"}


def test_a_refusal_needs_more_than_a_warning():
    for expected in judged(series(180)).values():
        assert expected.critical_fewest < expected.fewest < expected.rows < expected.most
        assert expected.most < expected.critical_most
