"""A file without rows: a statement that there was nothing, where that was agreed and is plausible."""

import pytest

from orchestration import night
from orchestration.cli.summary import states
from orchestration.contracts.model import ContractError
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.ingest.transports import open_source
from orchestration.quality.nil_returns import chance_of_none, judge
from tests.conftest import settings_at
from tests.support.made_up import column, load
from tests.support.made_up_files import BOOKS, read, refusal

COLUMNS = [column("area", "Area", required=True), column("note", "Note")]
EMPTY = {
    "csv": b"Area,Note\n", "json": b"[]", "xml": b"<boats></boats>",
    **{form: make([["Area", "Note"]]) for form, make in BOOKS.items()},
}  # fmt: skip


@pytest.mark.parametrize("form", EMPTY)
def test_every_format_can_hold_nothing(tmp_path, form):
    layout = {"layout": {"row": "boat"}} if form == "xml" else {}
    assert read(tmp_path, EMPTY[form], form, COLUMNS, nilReturn="allowed", **layout) == []


@pytest.mark.parametrize("content", [b"<html><p>Error</p></html>", b"<boats>none</boats>"])
def test_a_page_about_something_else_states_nothing(tmp_path, content):
    layout = {"row": "boat"}
    found = refusal(tmp_path, content, "xml", COLUMNS, nilReturn="allowed", layout=layout)
    assert found.rule == "no_rows"


def judged(tmp_path, rows, agreed="allowed"):
    """The state of a feed's deliveries, by period; `rows` are how many each holds."""
    source = tmp_path / "source"
    source.mkdir()
    for period, number in rows.items():
        text = "Area,Note\n" + "".join(f"ST{n},n\n" for n in range(number))
        (source / f"boats_{period}.csv").write_text(text)
    contract = load(tmp_path / "contracts", COLUMNS, nilReturn=agreed)
    settings, contracts = settings_at(tmp_path / "home", source), {contract.feed: contract}
    pull.pull(settings, contracts, open_source(str(source)))
    night.gate_one(settings, contracts, print)
    found = deliveries(settings, contracts)
    return settings, contracts, {delivery.receipt.period: delivery for delivery in found}


def test_a_nil_return_is_a_delivery_of_zero_and_two_of_the_same_bytes_are_two(tmp_path):
    rows = {"2026-04": 2, "2026-05": 0, "2026-06": 0, "2026-07": 3}
    settings, contracts, found = judged(tmp_path, rows)
    assert {period: found[period].record.rows for period in rows} == rows
    assert all(delivery.state == PASSED and delivery.is_current for delivery in found.values())
    assert found["2026-05"].record.rules[0]["rule"] == "nil_return"
    signs = states(settings, contracts)["harbour/boats"]
    assert (signs["2026-05"], signs["2026-07"]) == ("nil", "delivered")


def test_none_is_refused_where_history_makes_it_implausible(tmp_path):
    _, _, found = judged(tmp_path, {"2026-05": 30, "2026-06": 33, "2026-07": 28, "2026-08": 0})
    refused = found["2026-08"]
    assert (refused.state, refused.record.rule) == (REFUSED, "nil_return")
    assert "implausible" in refused.record.reason
    assert found["2026-07"].state == PASSED


def test_none_is_refused_where_nobody_agreed_to_it(tmp_path):
    _, _, found = judged(tmp_path, {"2026-07": 2, "2026-08": 0}, agreed="refused")
    assert (found["2026-08"].state, found["2026-08"].record.rule) == (REFUSED, "no_rows")
    with pytest.raises(ContractError, match="nilReturn"):
        load(tmp_path / "wrong", COLUMNS, nilReturn="perhaps")


def test_chance_goes_by_mean_and_scatter():
    assert chance_of_none([]) == chance_of_none([0, 0]) == 1
    assert chance_of_none([7, 7, 7]) == pytest.approx(0.000912, rel=0.01)
    # Twice the scatter of chance: a negative binomial with k equal to its mean.
    assert chance_of_none([0, 20, 5, 7]) > chance_of_none([7, 9, 8, 8])
    assert chance_of_none([30, 33, 28]) < 1e-10


def test_the_threshold_is_the_registers(tmp_path):
    settings = settings_at(tmp_path / "home", tmp_path)
    assert judge(settings, [6]).outcome == "passed"  # e**-6 is 0.25 %
    assert judge(settings, [8]).outcome == "failed"  # e**-8 is 0.03 %
