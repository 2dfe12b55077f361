"""What reads as personal data is found, what merely looks like it is not; each kind by its own form."""

import duckdb
import pytest

from orchestration.contracts.model import PERSONAL_KINDS
from orchestration.contracts.personal_data import IN_WORDS, any_in_words, holds, plain
from orchestration.quality.outcomes import FAILED, PASSED, overall
from tests.support.gate import assert_found, judged
from tests.support.made_up import column, custom, load

PERSONAL = {
    "e_mail": ["jane.example@mail.example.org", "write to j@x.uk, please", "a+b'c@d-e.f"],
    "postcode": ["ST1 1AA", "st41qq", "lives at 7 High St, ST6  5UJ.", "SW1A 1AA", "(M1 1AE)",
                 "B33 8TH,", "GIR 0AA", "the A50 4th exit ST4 1AA"],
    "nhs_number": ["943 476 5919", "9434765919", "NHS 943-476-5919", "no.9434765919;",
                   "nhs9434765919", "1234567890 or 9434765919", "987 654 4322", "943.476.5919",
                   "943\xa0476\xa05919", "1234567890,9434765919",
                   "9434765919_x"],
    "telephone": ["01782 234567", "07700 900123", "07700900123", "(020) 7946 0958", "+44 7700 900123",
                  "+44(0)1782 234567", "0044 1782 234567", "tel:0800 123456", "07700-900-123",
                  "020 7946 0958.", "(+44) 7700 900123", "00 44 7700 900123",
                  "(0) 1782 234567"],
    "national_insurance_number": ["AB123456C", "ab 12 34 56 c", "NI no. JG-10-37-59-A.", "(CE123456D)",
                                  "GB123456A and AB123456A",
                                  "AB.12.34.56.C"],
    "name": ["Mr Smith", "seen with Mrs O'Neill", "MISS JONES", "Dr. Khan said", "by Dr Khan",
             "Ms J. Płaza-Ångström", "Her name is Zoë", "surname: Example", "(Prof Evans)",
             "mr smith next door", "spoke to mrs. jones"],
    "date_of_birth": ["DOB 12/03/1980", "d.o.b. 1.2.79", "born on 3rd March 1984", "born 1991-02-28",
                      "date of birth: 12 Mar 2011", "birthday 03-04-2001",
                      "born the 12th of March 1980", "DOB 12031980", "birth date: 1980/03/12",
                      "D.O.B: March 12, 1980"],
}  # fmt: skip
HARMLESS = [
    None, "", "Nothing to say", "ST4", "ST4 2", "in the ST6 area, 5 people", "Hanley 012A", "A500",
    "E01014210", "E05014555", "35 Stafford St", "at 10:30 on 05-12-2024 10:30:00", "12/06/2025",
    "2025-06-03T10:00:00", "SYN-9f86d081884c7d65", "INC/2025/001234", "3 @ 2.50", "@here",
    "1,234,567", "-2.1790000000", "53.0258123456", "100 200 300", "0800", "999 and 101",
    "F10.2", "X85-Y09", "HO 8N", "Ward 7, bed 12", "ref 12345678", "UPRN 100032045678",
    # the check digit is wrong, or all digits are alike
    "9434765918", "943 476 5910", "1111111111",
    # prefixes that are never issued, a letter or a digit too many
    "GB123456A", "DA123456A", "AB123456E", "AB1234567C", "XAB123456C",
    # streets and houses that are called after people (these stand in the public police files)
    "On or near Park Dr North", "On or near Miss Pickerings Field", "On or near Sir John Hurt Place",
    "On or near Lady Meadow Close", "Dr Martin Luther King Way", "Mr. ", "a miss", "Mrs", "mr", "5 mrem",
    "the name of the ward", "bicycle born of steel 2024", "DOB not known",
    # roads, quarters and hours; programs; a name that was left out
    "A50 4th exit", "M6 1st June", "Q1 2nd reminder", "P2 2hr response",
    "met on MS Teams", "MS Word form", "Near Miss Report", "near-miss Incident",
    "full name Not given", "last name: Unknown",
]  # fmt: skip


# What is sent by office programs and phones: no digit or space of it is one of a keyboard's.
LOOK_ALIKE = {
    "e_mail": ["jane＠example.org"],
    "postcode": ["ST4\u20091AA", "ST4\u200b\u30001AA", "ＳＴ４　１ＡＡ"],
    "nhs_number": ["９４３４７６５９１９", "943–476–5919", "943\u2011476\u20115919", "943\u202f476\u202f5919",
                   "943\u200b476\u200b5919", "94\xad34765919", "٩٤٣٤٧٦٥٩١٩"],
    "telephone": ["07700\xa0900123", "07700–900123", "０７７００９００１２３", "07700\u200b900123"],
    "national_insurance_number": ["AB\xa012\xa034\xa056\xa0C", "AB–12–34–56–C", "ＡＢ１２３４５６Ｃ"],
    "name": ["Mr\u200b Smith", "Mr\u2009Smith"],
    "date_of_birth": ["DOB 12\u201103\u20111980", "born on 3\xa0March 1984"],
}  # fmt: skip


def found_in(kind, values):
    """The values that hold this kind, in DuckDB."""
    rows = duckdb.execute(
        "select value from (select unnest($values::varchar[]) as value) "
        f"where {holds(kind, plain('value'))}",
        {"values": values},
    ).fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize("kind", PERSONAL_KINDS)
def test_each_kind_is_found_by_its_own_form_and_nothing_harmless_is(kind):
    assert found_in(kind, PERSONAL[kind]) == PERSONAL[kind]
    assert found_in(kind, HARMLESS) == []


@pytest.mark.parametrize("kind", PERSONAL_KINDS)
def test_what_only_looks_like_a_keyboards_letters_hides_nothing(kind):
    assert found_in(kind, LOOK_ALIKE[kind]) == LOOK_ALIKE[kind]


def test_what_was_written_in_other_letters_stays_harmless():
    values = [
        "Płaza–Ångström",
        "５ people – 3 cars",
        "７ Ｈｉｇｈ Ｓｔｒｅｅｔ",
        "{：}",
        "cafe\u0301",
    ]
    assert all(found_in(kind, values) == [] for kind in PERSONAL_KINDS)


def test_every_kind_has_examples_and_words():
    assert set(PERSONAL) == set(LOOK_ALIKE) == set(PERSONAL_KINDS) == set(IN_WORDS)
    assert all(words in any_in_words() for words in IN_WORDS.values())


def test_the_check_of_nhs_numbers_takes_one_in_eleven():
    (passed,) = duckdb.execute(
        f"select count(*) from (select (4000000000 + 7 * i)::varchar as number from range(11000) t(i)) "
        f"where {holds('nhs_number', 'number')}"
    ).fetchone()
    assert 950 <= passed <= 1050


def test_free_text_without_personal_data_passes_the_gate(tmp_path):
    contract = load(tmp_path, (column("notes", "Notes"),))
    found, outcomes = judged(contract, notes=HARMLESS)
    assert outcomes["depersonalised"].outcome == PASSED, outcomes
    assert overall(found) == PASSED


def test_personal_data_blocks_at_the_gate_and_is_never_repeated(tmp_path):
    contract = load(tmp_path, (column("notes", "Notes"),))
    kinds = (*PERSONAL.values(), *LOOK_ALIKE.values())
    every = [value for values in kinds for value in values]
    assert_found(contract, "depersonalised", "critical", HARMLESS, every)


def test_every_free_text_column_is_looked_at_by_the_gate_and_no_other(tmp_path):
    columns = (
        column("a", "A"),
        column("b", "B", classification="public"),
        column("coded", "C", enum=[{"value": "ST1 1AA"}]),
        column("shaped", "D", logicalTypeOptions={"pattern": "[0-9 ]+"}),
        column("n", "N", "number"),
        column("agreed", "E", customProperties=custom(mayHold=["postcode"])),
    )
    contract = load(tmp_path, columns)
    fine = {"a": ["x"], "b": ["x"], "coded": ["ST1 1AA"], "shaped": ["9434765919"],
            "n": ["9434765919"], "agreed": ["ST1 1AA"]}  # fmt: skip
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
