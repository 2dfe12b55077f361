"""What a section picks out of many figures: the most flagged ward, the largest revision, what is clear."""

import pandas as pd
import pytest

from orchestration.edition.report.book import Book, Table
from orchestration.edition.report.sections import main_points, priority, revisions, standing_out
from orchestration.edition.report.sentences import measures
from tests.support import report_edition as small


def test_the_wards_that_are_named_are_those_flagged_for_most_measures():
    """Brook and Dale by three measures each, Hill by one; in the order of the alphabet, not of the table."""
    wards = pd.DataFrame(
        {"ward_name": ["Hill", "Dale", "Moor", "Brook"], "above_outer_limit": [1, 3, 0, 3]}
    )
    told = standing_out.finding(wards[wards["above_outer_limit"] > 0], wards)
    assert told == (
        "Three of 4 wards are above the outer limit of at least one headline measure; "
        "Brook and Dale of three headline measures."
    )


def revised(*cells):
    """Changes of noise complaints, of (kind of area, its code, first day, then, now) each."""
    rows = [
        {
            "measure_id": small.NOISE,
            "area_type": kind,
            "area_code": code,
            "area_name": code,
            "period_type": "month",
            "period_start": pd.Timestamp(start),
            "period_end": pd.Timestamp(start) + pd.offsets.MonthEnd(0),
            "previous": then,
            "now": now,
            "difference": now - then,
            "status": "unchanged" if now == then else "revised",
            "deliveries": "",
        }
        for kind, code, start, then, now in cells
    ]
    return pd.DataFrame(rows).astype(
        dict.fromkeys(("previous", "now", "difference"), "Int64"),
    )


def moved(changes):
    """The table of the measures that were revised or withdrawn, by its columns' titles."""
    section = revisions.section(small.edition(changes=changes, before=small.BEFORE), Book())
    tables = [block for block in section.blocks if isinstance(block, Table)]
    found = next(table for table in tables if "Measures whose figures" in table.caption)
    titles = [column.title for column in found.columns]
    return [dict(zip(titles, [cell.text for cell in row], strict=True)) for row in found.rows]


@pytest.mark.parametrize(
    ("cells", "largest"),
    [
        # The furthest from 0, whichever way it went, and wherever in the table it stands.
        ([("2025-01-01", 10, 12), ("2025-02-01", 30, 23), ("2025-03-01", 10, 14)], "−7"),
        ([("2025-01-01", 10, 12), ("2025-02-01", 30, 39), ("2025-03-01", 10, 6)], "+9"),
        # Of two that are as far from 0, the earlier.
        ([("2025-02-01", 10, 5), ("2025-01-01", 10, 15)], "+5"),
    ],
)
def test_the_largest_revision_of_a_measure_is_the_one_furthest_from_nothing(cells, largest):
    (row,) = moved(revised(*[("city", "E06", *cell) for cell in cells]))
    assert row["Measure"] == "Noise complaints"
    assert (row["Revised"], row["Largest"]) == (str(len(cells)), largest)


def test_what_moved_says_by_which_deliveries_and_what_was_withdrawn():
    changes = revised(
        ("city", "E06", "2025-01-01", 10, 12),
        ("city", "E06", "2025-02-01", 10, 10),
        ("city", "E06", "2025-03-01", 10, 11),
    )
    changes["deliveries"] = ["noise 2025-02, noise 2025-01", "", "noise 2025-01"]
    withdrawn = changes.iloc[[1]].assign(measure_id="b", status="withdrawn", difference=None)
    same = changes.iloc[[1]].assign(measure_id="c")
    rows = moved(pd.concat([changes, withdrawn, same], ignore_index=True))
    assert {row["Measure"]: list(row.values())[1:] for row in rows} == {
        "Noise complaints": ["2", "+2", "0", "noise 2025-01, noise 2025-02"],
        "b": ["0", "none revised", "1", "no delivery named"],
    }


def test_figures_are_counted_by_priority_in_its_order_and_those_of_none_come_last():
    changes = pd.concat(
        [
            revised(("city", "E06", "2025-01-01", 10, 12), ("city", "E06", "2025-02-01", 5, 5)),
            revised(("city", "E06", "2025-01-01", 1, 2)).assign(measure_id=small.REPORTS),
            revised(("city", "E06", "2025-01-01", 1, 1)).assign(measure_id="of none"),
        ],
        ignore_index=True,
    )
    section = revisions.section(small.edition(changes=changes, before=small.BEFORE), Book())
    assert (section.name, section.title) == ("since", "Since the last assessment")
    counted = next(block for block in section.blocks if isinstance(block, Table))
    assert [column.is_number for column in counted.columns] == [False, *[True] * 4]
    assert [column.title for column in counted.columns] == [
        "Priority", "Unchanged", "Revised", "Withdrawn", "New",
    ]  # fmt: skip
    assert [[cell.text for cell in row] for row in counted.rows] == [
        ["Quiet streets", "1", "1", "0", "0"],
        ["Modern slavery", "0", "1", "0", "0"],
        ["of no priority", "1", "0", "0", "0"],
    ]


def test_many_figures_are_counted_with_their_thousands_parted():
    one = revised(("city", "E06", "2025-01-01", 1000, 3500))
    section = revisions.section(
        small.edition(changes=pd.concat([one] * 1200, ignore_index=True), before=small.BEFORE),
        Book(),
    )
    counted, largest = (block for block in section.blocks if isinstance(block, Table))
    assert counted.rows[0][2].text == "1,200"
    assert [cell.text for cell in largest.rows[0][1:4]] == ["1,200", "+2,500", "0"]
    assert [cell.is_number for cell in largest.rows[0]] == [False, True, True, True, False]


def test_rates_that_moved_without_their_counts_are_said_with_what_moved_them():
    changes = revised(("city", "E06", "2025-01-01", 10, 12))
    rates = pd.DataFrame(
        {"figures": [1200, 34], "deliveries": ["people 2024, wards", "people 2024"]}
    )
    edition = small.edition(changes=changes, before=small.BEFORE, rates_changed=rates)
    said = " ".join(
        " ".join(block.paragraphs) for block in revisions.section(edition, Book()).blocks[:3]
    )
    assert "The rates of 1,234 figures changed" in said
    assert "revised (people 2024 and wards)." in said


def test_the_table_of_wards_that_stand_out_is_of_those_alone_the_most_flagged_first():
    wards = pd.DataFrame(
        {
            "ward_name": ["Hill", "Dale", "Moor", "Brook", "Ash"],
            "above_outer_limit": [1, 3, 0, 3, 1],
            "flagged_measures": ["A", "A; B; C", None, "A; B; C", None],
            "in_top_fifth": [2, 2, 2, 3, 2],
            "measures": 4,
            "years_on_list": [1, 2, 0, 3, 1],
        }
    )
    edition = small.with_table(small.edition(), "ward_flags", wards)
    section = standing_out.section(edition, Book())
    assert (section.name, section.title, section.begins_page) == (
        "wards", "Wards that stand out", True,
    )  # fmt: skip
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert [column.title for column in table.columns] == [
        "Ward", "Measures above the outer limit", "Which", "Among the highest fifth",
        "Measures known by ward", "Years running",
    ]  # fmt: skip
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Brook", "3", "A; B; C", "3", "4", "3"],
        ["Dale", "3", "A; B; C", "2", "4", "2"],
        ["Ash", "1", "none", "2", "4", "1"],
        ["Hill", "1", "A", "2", "4", "1"],
    ]


def test_without_flags_there_is_no_section_and_without_a_flagged_ward_a_sentence():
    wards = pd.DataFrame(
        {"ward_name": ["Hill", "Dale"], "above_outer_limit": [0, None], "in_top_fifth": 0}
    )
    for frame in (pd.DataFrame(), wards.iloc[:0], wards[["ward_name"]]):
        edition = small.with_table(small.edition(), "ward_flags", frame)
        assert standing_out.section(edition, Book()) is None
    section = standing_out.section(small.with_table(small.edition(), "ward_flags", wards), Book())
    assert section.blocks[0].paragraphs == [
        "No ward of 2 is above the outer limit of any headline measure."
    ]
    assert not [block for block in section.blocks if isinstance(block, Table)]


def test_a_revision_of_the_whole_area_stands_before_a_larger_one_of_a_part():
    (row,) = moved(
        revised(
            ("ward", "W1", "2025-01-01", 10, 30),
            ("city", "E06", "2025-01-01", 50, 53),
            ("city", "E06", "2025-02-01", 50, 50),
        )
    )
    assert (row["Revised"], row["Largest"]) == ("2", "+3")


def points(**other):
    """The main points when the first headline has these values."""
    edition = small.edition(variant="official")
    head = pd.DataFrame([small.headline_row(**other), small.slavery_row()])
    edition = small.with_table(edition, "headline", head)
    return " ".join(main_points.points(edition, priority.headlines(edition)))


@pytest.mark.parametrize("hidden", ["suppressed", "previous_suppressed"])
def test_a_change_with_either_of_its_years_hidden_is_no_main_point(hidden):
    """Which way a hidden number moved would tell about it, so nothing is said of the change."""
    assert "Quiet streets: noise complaints up 20%" in points()
    assert "noise complaints" not in points(**{hidden: "small"}).lower()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, []),
        (None, []),
        (1, ["One delivery behind it looked unusual when checked."]),
        (3, ["3 of the deliveries behind it looked unusual when checked."]),
    ],
)
def test_a_figure_says_how_many_of_its_deliveries_were_warned_of(number, said):
    row, *_ = priority.headlines(small.edition())
    without = measures.headline(row, "2025-26")
    told = measures.headline({**row, "warned_deliveries": number}, "2025-26")
    assert [sentence for sentence in told if sentence not in without] == said
    unknown = {**row, "count": None, "rate": None, "missing_reason": "held"}
    assert measures.headline({**unknown, "warned_deliveries": number}, "2025-26") == (
        measures.headline(unknown, "2025-26")
    )
