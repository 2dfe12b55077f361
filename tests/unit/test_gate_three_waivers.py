"""A waiver is for one thing, for a reason, by somebody and for a while; else the file is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from orchestration.core import register
from orchestration.quality.waivers import NONE_YET, WaiverError, load, load_all, record
from tests.conftest import settings_at
from tests.support.gate_three import CHECKS, TODAY, waiver

ENTRY = {
    "check": "completeness",
    "scope": "health/ambulance_calls",
    "reason": "The service changed its system in March.",
    "approver": "Chair of the partnership",
    "expires": "2026-12-31",
}


def written(path, *entries, head="waivers:\n"):
    blocks = [
        "".join(
            f"{'  - ' if n == 0 else '    '}{k}: {v}\n" for n, (k, v) in enumerate(entry.items())
        )
        for entry in entries
    ]
    path.write_text(head + "".join(blocks), encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "waivers.yaml"


def test_none_is_shipped(tmp_path, path):
    assert register.waiver_files(settings_at(tmp_path / "home")) == []
    path.write_text(NONE_YET, encoding="utf-8")
    assert load(path, TODAY, CHECKS) == ()


def test_the_example_in_a_new_file_is_one_that_would_be_accepted(path):
    lines = NONE_YET.splitlines()
    start = lines.index("# waivers:")
    example = [line.removeprefix("# ") for line in lines[start:] if line.startswith("#")]
    path.write_text("\n".join(example), encoding="utf-8")
    (only,) = load(path, date(2026, 4, 1), CHECKS)
    assert only.scope == "health/ambulance_calls"


def test_a_waiver_is_read(path):
    (only,) = load(written(path, ENTRY), TODAY, CHECKS)
    assert (only.check, only.scope) == ("completeness", "health/ambulance_calls")
    assert only.expires == date(2026, 12, 31)


def test_one_that_has_expired_is_read_and_left_to_the_verdict(path):
    (only,) = load(written(path, ENTRY | {"expires": "2026-01-01"}), TODAY, CHECKS)
    assert only.expires < TODAY


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"scope": "'*'"}, "too broad"),
        ({"scope": "all"}, "too broad"),
        ({"scope": "Everything"}, "too broad"),
        ({"scope": "completeness"}, "too broad"),
        ({"scope": "health/*"}, "too broad"),
        ({"scope": "'health/ambulance_calls, fire/incidents'"}, "too broad"),
        ({"scope": "health"}, "no feed"),
        ({"scope": "''"}, "has no scope"),
        ({"scope": "'  '"}, "has no scope"),
        ({"scope": "' health/ambulance_calls'"}, "no feed"),
        ({"scope": None}, "has no scope"),
        ({"scope": "[health/ambulance_calls]"}, "scope is not text"),
        ({"check": "completness"}, "no check of gate 3"),
        ({"check": "disclosure"}, "cannot be waived"),
        ({"check": "reconciliation"}, "cannot be waived"),
        ({"check": "fresh"}, "cannot be waived"),
        ({"check": "gate_1"}, "cannot be waived"),
        ({"check": "gate_2"}, "cannot be waived"),
        ({"reason": "late"}, "gives no reason"),
        ({"reason": "xxxxxxxxxxxxxxxxxxxxxxxxx"}, "gives no reason"),
        ({"reason": "late late late late late late"}, "gives no reason"),
        ({"reason": "TODO write down the reason for this here"}, "gives no reason"),
        ({"approver": "''"}, "no approver"),
        ({"approver": "someone"}, "no approver"),
        ({"approver": "yes"}, "approver is not text"),
        ({"scope": "3"}, "scope is not text"),
        ({"approver": "tbc"}, "no approver"),
        ({"expires": None}, "has no expires"),
        ({"expires": "soon"}, "expires is no day"),
        ({"expires": "2026-12"}, "expires is no day"),
        ({"expires": "2026-12-31 10:00:00"}, "expires is no day"),
        ({"expires": "2027-03-02"}, "the latest a waiver may end is 1 March 2027"),
        ({"until": "2026-12-31"}, "unknown key until"),
    ],
)
def test_a_waiver_that_may_not_be_given_is_refused(path, changed, words):
    entry = {key: value for key, value in (ENTRY | changed).items() if value is not None}
    with pytest.raises(WaiverError, match=words) as refused:
        load(written(path, entry), TODAY, CHECKS)
    assert "\n" not in str(refused.value)


def test_the_last_day_a_waiver_may_end_is_six_months_away(path):
    assert load(written(path, ENTRY | {"expires": "2027-03-01"}), TODAY, CHECKS)
    assert load(written(path, ENTRY | {"expires": "2027-02-28"}), date(2026, 8, 31), CHECKS)
    with pytest.raises(WaiverError, match="28 February 2027"):
        load(written(path, ENTRY | {"expires": "2027-03-01"}), date(2026, 8, 31), CHECKS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "one key, waivers"),
        ("[]", "one key, waivers"),
        ("waivers: []\nmore: 1\n", "one key, waivers"),
        ("waivers:\n", "waivers is a list"),
        ("waivers: {}\n", "waivers is a list"),
        ("waivers: [a]\n", "not written as key and value"),
        ("waivers: [\n", "no YAML"),
        ("waivers: []\nwaivers: []\n", "a key is there twice"),
        ("waivers:\n  - {check: cycle, check: completeness}\n", "a key is there twice"),
        ("waivers:\n  - {check: [a], ? [a] : b}\n", "no YAML"),
        ("waivers:\n  - {expires: 2026-02-31}\n", "no YAML"),
    ],
)
def test_a_file_that_is_not_understood_is_refused(path, text, words):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WaiverError, match=words) as refused:
        load(path, TODAY, CHECKS)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_no_text_is_refused(path):
    with pytest.raises(WaiverError, match="cannot be read"):
        load(path, TODAY, CHECKS)
    path.write_bytes(b"\xff")
    with pytest.raises(WaiverError, match="cannot be read"):
        load(path, TODAY, CHECKS)


def test_two_that_stand_for_the_same_are_refused_and_a_renewal_is_not(path):
    with pytest.raises(WaiverError, match="is there twice"):
        load(written(path, ENTRY, ENTRY | {"expires": "2026-10-01"}), TODAY, CHECKS)
    assert len(load(written(path, ENTRY | {"expires": "2026-08-31"}, ENTRY), TODAY, CHECKS)) == 2


def test_what_is_recorded_is_added_and_the_rest_of_the_file_stays(path):
    first = waiver("completeness", "council/asb_cases")
    second = replace(
        waiver("external", "Violence against the person"), reason="Said: “wait”, it's #1 of 2 — yes"
    )
    record(path, first, TODAY, CHECKS)
    once = path.read_text(encoding="utf-8")
    record(path, second, TODAY, CHECKS)
    text = path.read_text(encoding="utf-8")
    assert load(path, TODAY, CHECKS) == (first, second)
    assert text.startswith(once)
    assert text.startswith(NONE_YET.split("waivers: []")[0])
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_another_file_waives_is_there_already(path, tmp_path):
    other = written(tmp_path / "other.yaml", ENTRY)
    given = waiver(ENTRY["check"], ENTRY["scope"])
    with pytest.raises(WaiverError, match="is there already"):
        record(path, given, TODAY, CHECKS, beside=[other, path])
    assert not path.exists()
    written(path, ENTRY)
    with pytest.raises(WaiverError, match="is there twice"):
        load_all([other, path], TODAY, CHECKS)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()  # also for root, which may write into any folder
    path = tmp_path / "file" / "waivers.yaml"
    with pytest.raises(
        WaiverError, match=r"^the waiver was not recorded: \S+ cannot be written"
    ) as it:
        record(path, waiver("completeness", "council/asb_cases"), TODAY, CHECKS)
    assert "\n" not in str(it.value)


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_it_is_set_in_as_the_file_is(path, indent):
    lines = [f"{indent}- check: {ENTRY['check']}  # by the board\n"]
    lines += [f"{indent}  {key}: {value}\n" for key, value in list(ENTRY.items())[1:]]
    path.write_text("waivers:\n" + "".join(lines) + "# the end", encoding="utf-8")
    record(path, waiver("completeness", "council/asb_cases"), TODAY, CHECKS)
    assert f"\n{indent}- check: completeness\n" in path.read_text(encoding="utf-8")
    assert len(load(path, TODAY, CHECKS)) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (waiver("completeness", "council/asb_cases", TODAY - timedelta(days=1)), "which is past"),
        (waiver("completeness", "all"), "too broad"),
        (waiver("disclosure", "published"), "cannot be waived"),
        (waiver("nothing", "x"), "no check"),
        (replace(waiver("completeness", "council/asb_cases"), approver="me"), "no approver"),
        (waiver("completeness", ENTRY["scope"]), "is there already"),
    ],
)
def test_what_may_not_be_given_is_not_recorded(path, given, words):
    written(path, ENTRY)
    before = path.read_bytes()
    with pytest.raises(WaiverError, match=words):
        record(path, given, TODAY, CHECKS)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_added_to_is_left_alone(path):
    entry = ", ".join(f"{key}: '{value}'" for key, value in ENTRY.items())
    path.write_text(f"waivers: [{{{entry}}}]\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(WaiverError, match="cannot be added to as it is laid out"):
        record(path, waiver("completeness", "council/asb_cases"), TODAY, CHECKS)
    assert path.read_bytes() == before
