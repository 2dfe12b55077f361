"""One word for one thing: what is missing, hidden or judged is said alike wherever people read it."""

import pytest
import yaml

from orchestration.cli.status_grid import LEGEND
from orchestration.core import vocabulary
from orchestration.core.settings import PROJECT
from orchestration.edition.package import sheet
from orchestration.edition.report.sentences import measures
from tests.support import report_tables as small
from tests.support.made_up_package import few, with_cells

REASONS = [
    "refused", "not_supplied", "not_yet_due", "suppressed_by_source", "not_published", "rows_left_out",
    "held",
]  # fmt: skip


@pytest.mark.parametrize("code", REASONS)
def test_page_and_workbook_give_one_reason(code):
    said = vocabulary.reason(code)
    row = small.headline_row(count=None, rate=None, missing_reason=code)
    assert measures.headline(row, "2025-26")[0].endswith(f"it is {said}.")
    given = with_cells(few(), "wards", 0, count=None, missing_reason=code)
    (wards,) = [one for one in sheet.layout() if one.table == "wards"]
    cells, _ = sheet.content(wards, given.tables, {"area": "x", "year": "y", **given.in_words})
    assert cells["Status of the figure"].iloc[0] == f"Not available: {said}"


@pytest.mark.parametrize("code", ["small", "linked", "open", "geography", "period", "derived"])
def test_page_and_workbook_give_one_reason_for_hiding(code):
    said = vocabulary.hidden(code)
    row = small.headline_row(count=None, rate=None, suppressed=code)
    assert measures.headline(row, "2025-26") == [
        f"The figure for 2025–26 is {vocabulary.NOT_SHOWN_IN_WORDS}: {said}."
    ]
    given = with_cells(few(), "wards", 0, count=None, suppressed=code)
    (wards,) = [one for one in sheet.layout() if one.table == "wards"]
    cells, _ = sheet.content(wards, given.tables, {"area": "x", "year": "y", **given.in_words})
    assert cells["Status of the figure"].iloc[0] == f"Not shown: {said}"


def test_an_earlier_period_has_the_reason_of_its_own():
    assert (
        vocabulary.said("earlier_period_refused") == "the earlier period is refused by the checks"
    )
    assert vocabulary.brief("earlier_period_refused") == vocabulary.said("earlier_period_refused")


def test_the_state_of_a_period_is_one_on_the_command_line_and_in_the_ledger():
    assert f"× {vocabulary.said('refused')}" in LEGEND
    assert vocabulary.owed("refused") == vocabulary.said("refused")


def test_a_code_of_another_meaning_has_the_words_of_its_column():
    assert vocabulary.said("not_comparable") == "cannot be compared"
    assert vocabulary.said("not_comparable", "effect") == "before and after are not compared"
    assert vocabulary.said("some_new_code") == "some new code"


@pytest.mark.parametrize(
    "of",
    [vocabulary.reason, vocabulary.brief, vocabulary.hidden, vocabulary.owed, vocabulary.no_part],
)
def test_a_code_without_words_stops_what_would_print_it(of):
    with pytest.raises(ValueError, match=r"no words for the .* whim"):
        of("whim")


def test_every_reason_that_the_marts_can_give_has_words():
    """The values of `missing_reason` that dbt accepts."""
    file = PROJECT / "dbt_project/models/marts/_measure_marts.yml"
    (fact,) = [m for m in yaml.safe_load(file.read_text())["models"] if m["name"] == "fct_measure"]
    (column,) = [c for c in fact["columns"] if c["name"] == "missing_reason"]
    accepted = column["data_tests"][0]["accepted_values"]["arguments"]["values"]
    assert sorted(accepted) == sorted(REASONS)
    assert all(vocabulary.reason(code) for code in accepted)
