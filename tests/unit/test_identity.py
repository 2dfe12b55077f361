"""A delivery's identity: its part is on a list, and nothing counts under two names."""

import pytest

from orchestration.contracts.model import ContractError
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, awaiting, deliveries
from orchestration.ingest.landing.near_names import near
from tests.support.harbour import Harbour
from tests.support.made_up import column, custom, load
from tests.support.made_up_files import BOOKS

REF = column("ref", "Ref", required=True, unique=True)
DAY = column("day", "Day", "date", logicalTypeOptions={"format": "yyyy-MM-dd"})
NOTE = column("note", "Note")
EVENTS = [REF, NOTE]
COUNTS = [column("kind", "Kind", required=True), column("number", "Number", "integer")]
PARTS = {
    "filePattern": r"(?P<period>\d{4}-\d{2})-(?P<part>[a-z]+(?:-[a-z]+)*)-boats\.csv",
    "sampleName": "{period}-{part}-boats.csv",
    "part": "police_force_slug", "partList": "police_forces",
}  # fmt: skip


def rows(first, number, note="n", header="Ref,Note"):
    return header + "\n" + "".join(f"B{first + n},{note}{n}\n" for n in range(number))


def boats(month, part="staffordshire"):
    return f"2026-{month:02}-{part}-boats.csv"


def test_a_part_comes_from_its_list_and_a_file_of_any_other_is_left_alone_and_told(tmp_path):
    harbour = Harbour(tmp_path, EVENTS, **PARTS)
    states = harbour.night(
        **{
            boats(7): rows(0, 9),
            boats(7, "staffordshire-corrected"): rows(0, 9),
            boats(7, "kent"): rows(50, 9),
        }
    )
    assert states == {"2026-07.staffordshire": PASSED, "2026-07.kent": PASSED}
    (left,) = near(harbour.contracts, harbour.pulled.undeclared)
    assert left.feed == "harbour/boats"
    assert "not in the list police_forces" in left.sentence
    assert "staffordshire" not in left.name  # a part that is not on the list may be a person's name


def test_a_contract_with_parts_names_their_list(tmp_path):
    for changed in ({"partList": None}, {"part": None}, {"part": None, "partList": None}):
        with pytest.raises(ContractError, match="part"):
            load(tmp_path, EVENTS, **{**PARTS, **changed})


def test_an_edition_is_a_date_or_on_the_contracts_list(tmp_path):
    pattern = r"boats_(?P<period>[a-z0-9-]+)\.csv"
    period = {"kind": "edition", "from": "name", "editions": ["trial"]}
    harbour = Harbour(tmp_path, EVENTS, filePattern=pattern, period=period)
    states = harbour.night(
        **{
            "boats_2025.csv": rows(0, 9),
            "boats_2025-corrected.csv": rows(0, 9),
            "boats_trial.csv": rows(20, 9),
        }
    )
    assert states == {"2025": PASSED, "trial": PASSED}
    assert "that its contract does not list" in harbour.pulled.misdated[0]
    with pytest.raises(ContractError, match="editions"):
        load(tmp_path, EVENTS, period={"kind": "month", "from": "name", "editions": ["trial"]})


COPIES = {
    1: ("same_bytes", lambda first: rows(first, 40)),
    2: ("same_identifiers", lambda first: rows(first, 40).replace("\n", "\r\n")),  # line ends
    3: ("same_identifiers", lambda first: rows(first + 15, 40, "another ")),  # 25 of 40
    4: ("same_identifiers", lambda first: rows(first, 90)),  # all of it, and more
    5: ("same_identifiers", lambda first: rows(first + 5, 8)),  # a piece of it
}


def test_a_copy_under_a_second_name_is_refused_with_both_names(tmp_path):
    """As another force's file of the month, and as the file of another month."""
    harbour = Harbour(tmp_path, EVENTS, **PARTS)
    harbour.night(**{boats(month): rows(1000 * month, 40) for month in COPIES})
    copies = {month: copy(1000 * month) for month, (_, copy) in COPIES.items()}
    kent = {boats(month, "kent"): copy for month, copy in copies.items()}
    states = harbour.night(**kent)
    states |= harbour.night(**{boats(month + 5): copy for month, copy in copies.items()})
    for month, (rule, _) in COPIES.items():
        assert states[f"2026-{month:02}.staffordshire"] == PASSED
        for slot in (f"2026-{month:02}.kent", f"2026-{month + 5:02}.staffordshire"):
            record = harbour.found[slot].record
            assert (states[slot], record.rule) == (REFUSED, rule)
            assert f"“{slot.replace('.', '-')}-boats.csv”" in record.reason
            assert f"“{boats(month)}”" in record.reason
    assert harbour.live() == {f"2026-{month:02}.staffordshire/1" for month in COPIES}


def test_a_few_shared_identifiers_are_a_matter_of_the_rows(tmp_path):
    harbour = Harbour(tmp_path, EVENTS, **PARTS)
    harbour.night(**{boats(6): rows(0, 40)})
    states = harbour.night(**{boats(7): rows(30, 40), boats(7, "kent"): rows(68, 30)})
    assert set(states.values()) == {PASSED}


def test_of_two_that_come_at_once_the_part_that_is_due_counts_and_of_two_months_neither(tmp_path):
    harbour = Harbour(tmp_path, EVENTS, **PARTS)
    states = harbour.night(
        **{boats(7, "kent"): rows(0, 9), boats(7): rows(0, 9), boats(5): rows(20, 9), boats(6): rows(20, 9)}
    )  # fmt: skip
    assert states == {
        "2026-05.staffordshire": REFUSED,
        "2026-06.staffordshire": REFUSED,
        "2026-07.kent": REFUSED,
        "2026-07.staffordshire": PASSED,
    }


def test_once_the_wrong_one_is_corrected_the_right_one_counts_by_itself(tmp_path):
    harbour = Harbour(tmp_path, EVENTS, **PARTS)
    harbour.night(**{boats(6): rows(0, 9), boats(7): rows(0, 9)})
    assert not awaiting(deliveries(harbour.settings, harbour.contracts))  # nothing to do again
    states = harbour.night(**{boats(7): rows(20, 9)})
    assert set(states.values()) == {PASSED}
    # And where the earlier one was the wrong one.
    harbour.night(**{boats(8): rows(20, 9)})
    assert harbour.found["2026-08.staffordshire"].state == REFUSED
    states = harbour.night(**{boats(7): rows(40, 9)})
    assert set(states.values()) == {PASSED}


def test_a_resend_a_correction_and_its_withdrawal_into_the_same_slot_go_on_working(tmp_path):
    harbour = Harbour(tmp_path, EVENTS, **PARTS)
    for content in (rows(0, 9), rows(0, 10), rows(0, 9), rows(0, 9)):
        assert harbour.night(**{boats(7): content}) == {"2026-07.staffordshire": PASSED}
    assert harbour.live() == {"2026-07.staffordshire/3"}


def test_a_correction_under_a_name_of_its_own_only_where_the_contract_declares_it(tmp_path):
    corrected = r"(?P<period>\d{4}-\d{2})-(?P<part>[a-z-]+?)-corrected-boats\.csv"
    harbour = Harbour(tmp_path, EVENTS, correctedName=corrected, **PARTS)
    # The correction has the earlier time, and counts all the same.
    states = harbour.night(
        **{boats(7, "staffordshire-corrected"): rows(0, 12), boats(7): rows(0, 9)}
    )
    assert states == {"2026-07.staffordshire": PASSED}
    assert harbour.found["2026-07.staffordshire"].record.rows == 12
    with pytest.raises(ContractError, match="correctedName"):
        load(tmp_path / "wrong", EVENTS, **{**PARTS, "correctedName": "boats"})


def test_nil_returns_are_alike(tmp_path):
    harbour = Harbour(tmp_path, EVENTS, nilReturn="allowed", **PARTS)
    nothing = "Ref,Note\n"
    states = harbour.night(**{boats(6): nothing, boats(7): nothing, boats(7, "kent"): nothing})
    assert set(states.values()) == {PASSED}


@pytest.mark.parametrize("carried", [None, "identifiers", "rows", "file"])
def test_what_is_carried_over_is_declared_and_never_from_part_to_part(tmp_path, carried):
    harbour = Harbour(tmp_path, [REF, DAY, NOTE], carriesOver=carried, **PARTS)
    header = "Ref,Day,Note"
    first = rows(0, 9, "2026-06-01,n", header)
    harbour.night(**{boats(5): first})
    states = harbour.night(
        **{
            boats(6): rows(0, 9, "2026-06-02,n", header),  # identifiers
            boats(7): rows(0, 10, "2026-06-01,n", header),  # rows
            boats(8): first,
            boats(5, "kent"): first,
        }
    )
    level = [None, "identifiers", "rows", "file"].index(carried)
    wanted = [PASSED] * (1 + level) + [REFUSED] * (3 - level)
    assert [states[f"2026-0{month}.staffordshire"] for month in (5, 6, 7, 8)] == wanted
    assert states["2026-05.kent"] == REFUSED


@pytest.mark.parametrize("form", [*BOOKS, "csv"])
def test_a_table_of_counts_is_another_only_where_chance_does_not_explain_it(tmp_path, form):
    pattern = rf"boats_(?P<period>\d{{4}}-\d{{2}})\.{form}"
    harbour = Harbour(tmp_path, COUNTS, format=form, filePattern=pattern)

    def table(*numbers, more=""):
        lines = [["Kind", "Number"], *([f"k{n}{more}", str(x)] for n, x in enumerate(numbers))]
        if form == "csv":
            return "\n".join(",".join(line) for line in lines).encode() + b"\n"
        return BOOKS[form](lines)

    large, small, none = (120, 90, 75, 200, 61), (1, 0, 0, 2, 1), (0, 0, 0, 0, 0)
    harbour.night(**{f"boats_2026-01.{form}": table(*large), f"boats_2026-02.{form}": table(*small),
                     f"boats_2026-03.{form}": table(*none)})  # fmt: skip
    states = harbour.night(
        **{
            f"boats_2026-04.{form}": table(*large, 0),  # all of it, and a line with nothing
            f"boats_2026-05.{form}": table(*small, 3),
            f"boats_2026-06.{form}": table(*none),
            f"boats_2026-07.{form}": table(120, 90, 75, 201, 60),
        }
    )
    assert [states[f"2026-0{month}"] for month in range(1, 8)] == [
        PASSED, PASSED, PASSED, REFUSED, PASSED, PASSED, PASSED
    ]  # fmt: skip


def test_days_without_identifiers_are_compared_by_their_rows(tmp_path):
    harbour = Harbour(tmp_path, [DAY, NOTE], **PARTS)
    lines = [f"2026-06-{n:02},a place {n}" for n in range(1, 29)]
    first = "\n".join(["Day,Note", *lines]) + "\n"
    harbour.night(**{boats(6): first})
    other = "\n".join(["Day,Note", *lines[10:], "2026-06-30,x"]) + "\n"
    states = harbour.night(**{boats(6, "kent"): other})
    assert states["2026-06.kent"] == REFUSED
    assert harbour.found["2026-06.kent"].record.rule == "same_rows"


def test_identifiers_follow_from_the_contract(tmp_path, contracts):
    assert load(tmp_path, [REF, DAY]).identifiers == ("ref",)
    assert contracts["police/street_crime"].identifiers == ("crime_id",)
    assert contracts["council/asb_cases"].identifiers == ("case_ref",)
    assert contracts["council/asb_tools_used"].identifiers == ()  # a list of tools
    marked = column("mark", "Mark", customProperties=custom(mayHold=["name"]))
    assert load(tmp_path / "plain", [marked]).identifiers == ()
