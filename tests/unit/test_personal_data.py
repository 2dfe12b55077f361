"""Personal data in free text blocks a delivery, and the report never repeats it."""

import pytest

from orchestration.quality.outcomes import FAILED, PASSED, overall
from tests.gate import assert_found, judged
from tests.made_up import column, load

PERSONAL = {
    "e-mail": ["jane.example@mail.example.org", "write to j@x.uk, please", "a+b'c@d-e.f"],
    "postcode": ["ST1 1AA", "st41qq", "lives at 7 High St, ST6  5UJ.", "SW1A 1AA", "(M1 1AE)",
                 "B33 8TH,", "GIR 0AA"],
    "NHS number": ["943 476 5919", "9434765919", "NHS 943-476-5919", "no.9434765919;", "nhs9434765919"],
    "telephone": ["01782 234567", "07700 900123", "07700900123", "(020) 7946 0958", "+44 7700 900123",
                  "+44(0)1782 234567", "0044 1782 234567", "tel:0800 123456", "07700-900-123",
                  "020 7946 0958."],
}  # fmt: skip
HARMLESS = [
    None, "", "Nothing to say", "ST4", "ST4 2", "in the ST6 area, 5 people", "Hanley 012A", "A500",
    "E01014210", "E05014555", "35 Stafford St", "at 10:30 on 05-12-2024 10:30:00", "12/06/2025",
    "2025-06-03T10:00:00", "SYN-9f86d081884c7d65", "INC/2025/001234", "3 @ 2.50", "@here",
    "1,234,567", "-2.1790000000", "53.0258123456", "100 200 300", "0800", "999 and 101",
    "F10.2", "X85-Y09", "HO 8N", "Ward 7, bed 12", "ref 12345678", "UPRN 100032045678",
]  # fmt: skip


def test_free_text_without_personal_data_passes(tmp_path):
    contract = load(tmp_path, (column("notes", "Notes"),))
    found, outcomes = judged(contract, notes=HARMLESS)
    assert outcomes["depersonalised"].outcome == PASSED, outcomes
    assert overall(found) == PASSED


@pytest.mark.parametrize("kind", PERSONAL)
def test_personal_data_blocks_and_is_never_repeated(tmp_path, kind):
    contract = load(tmp_path, (column("notes", "Notes"),))
    assert_found(contract, "depersonalised", "critical", HARMLESS, PERSONAL[kind])


def test_every_free_text_column_is_looked_at_and_no_other(tmp_path):
    columns = (
        column("a", "A"),
        column("b", "B", classification="public"),
        column("coded", "C", enum=[{"value": "ST1 1AA"}]),
        column("shaped", "D", logicalTypeOptions={"pattern": "[0-9 ]+"}),
        column("n", "N", "number"),
    )
    contract = load(tmp_path, columns)
    fine = {"a": ["x"], "b": ["x"], "coded": ["ST1 1AA"], "shaped": ["9434765919"],
            "n": ["9434765919"]}  # fmt: skip
    assert judged(contract, **fine)[1]["depersonalised"].outcome == PASSED
    for name in ("a", "b"):
        outcome = judged(contract, **{**fine, name: ["ST1 1AA"]})[1]["depersonalised"]
        assert (outcome.outcome, outcome.first_rows) == (FAILED, (2,))
    # Two harmless columns side by side are not read as one.
    apart = judged(contract, **{**fine, "a": ["ST4"], "b": ["1AA"]})[1]["depersonalised"]
    assert apart.outcome == PASSED


def test_public_and_coded_feeds_have_no_such_rule(tmp_path):
    public = load(tmp_path, (column("a", "A", classification="public"),))
    coded = load(tmp_path, (column("a", "A", logicalTypeOptions={"pattern": "x"}), column("n", "N",
                 "number")))  # fmt: skip
    assert "depersonalised" not in {rule.id for rule in (*public.rules, *coded.rules)}
