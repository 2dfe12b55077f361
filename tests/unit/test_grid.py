"""The grid of `csp status`: one column a month, whatever a feed delivers by."""

from orchestration.cli.status_grid import render


def test_a_quarter_fills_three_cells_and_an_edition_is_named():
    states = {
        "a/months": {"2025-01": "delivered", "2025-02": "refused", "2025-03": "missing"},
        "b/quarters": {"2025-Q1": "delivered", "2025-Q2": "not_due"},
        "c/edition": {"2024": "delivered"},
        "d/years": {"2024-25": "missing"},
    }
    kinds = {
        "a/months": "month",
        "b/quarters": "quarter",
        "c/edition": "edition",
        "d/years": "financial_year",
    }
    assert render(states, kinds) == [
        "            2024         2025",
        "            JFMAMJJASOND JFMAMJJASOND",
        "a/months                 ■×·",
        "b/quarters               ■■■",
        "c/edition   2024 delivered",
        "d/years        ········· ···",
    ]


def test_only_the_newest_years_are_shown():
    states = {"a/months": {f"{year}-01": "delivered" for year in range(2015, 2026)}}
    head = render(states, {"a/months": "month"})[0]
    assert head.split() == ["2021", "2022", "2023", "2024", "2025"]


def test_no_feed_no_grid():
    assert render({}, {}) == ["", "  "]
