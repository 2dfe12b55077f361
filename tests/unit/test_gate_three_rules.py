"""The checks as they are agreed: nothing unknown, nothing unreasoned, nothing without code."""

import re

import pandas as pd
import pytest
import yaml

from orchestration.contracts.odcs import load_contracts
from orchestration.core import register
from orchestration.core.settings import PROJECT
from orchestration.edition.gate import judge
from orchestration.edition.gate.agreements import AgreementError, load
from orchestration.quality import check_register
from orchestration.quality.check_register import RuleError, load_checks, scope_problem
from tests.conftest import settings_at
from tests.support.gate_three import CHECKS, RULES

REGISTER = PROJECT / "seeds" / "register"
CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
DOCUMENT = yaml.safe_load(RULES.read_text(encoding="utf-8"))


def number_of(name):
    return [entry["check"] for entry in DOCUMENT["checks"]].index(name)


def rewritten(path, change):
    """The shipped file with one thing changed."""
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    changed = change(document["checks"])
    path.write_text(
        yaml.safe_dump(document if changed is None else changed, sort_keys=False), encoding="utf-8"
    )
    return path


def test_every_check_has_code_and_every_code_a_check():
    assert list(CHECKS) == [entry["check"] for entry in DOCUMENT["checks"]]
    assert set(CHECKS) == set(check_register.KNOWN) == set(judge.CODE)


def test_what_protects_people_and_sums_cannot_be_waived():
    fixed = {name for name, check in CHECKS.items() if not check.may_be_waived}
    assert fixed == {"fresh", "gate_1", "gate_2", "reconciliation", "disclosure"}
    assert all(CHECKS[name].severity == "critical" for name in fixed)


def test_only_the_outside_table_may_be_silent():
    assert [name for name, check in CHECKS.items() if check.may_say_nothing] == ["external"]


def put(name, **given):
    return lambda checks: checks[number_of(name)].update(given)


def drop(check, key):
    def change(checks):
        del checks[number_of(check)][key]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *((drop("fresh", key), f"fresh has no {key}") for key in
          ("about", "severity", "may_be_waived", "owner", "reason")),
        (put("fresh", note="x"), "unknown key note"),
        (put("fresh", check="freshness"), "no code is for"),
        (put("fresh", check=None), "names its check"),
        (put("fresh", reason="because"), "reason does not say why"),
        (put("fresh", reason=None), "reason does not say why"),
        (put("fresh", may_say_nothing="n/a"), "may_say_nothing does not say why"),
        (put("fresh", severity="grave"), "severity"),
        (put("fresh", about="everything"), "is about none of"),
        (put("fresh", may_be_waived="no, never"), "true or false"),
        (put("fresh", owner="tbc"), "has no owner"),
        (put("fresh", settings={"days": {"a": "b"}}), "its settings are none"),
        (put("limbs", settings=None), "its settings are limbs"),
        (put("limbs", settings=[]), "its settings are limbs"),
        (put("limbs", settings={"limbs": {}}), "maps a name"),
        (put("limbs", settings={"limbs": ["reoffending"]}), "maps a name"),
        (put("limbs", settings={"limbs": {"reoffending": "yes"}}), "why reoffending is there"),
        (lambda checks: checks.pop(number_of("limbs")) and None, "limbs is not there"),
        (lambda checks: checks.append(dict(checks[0])), "is there twice"),
        (lambda checks: checks.append("fresh"), "names its check"),
        (lambda checks: {"checks": {}}, "checks is a list"),
        (lambda checks: {"checks": checks, "more": 1}, "one key, checks"),
        (lambda checks: [], "one key, checks"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_agreed_is_refused(tmp_path, change, words):
    with pytest.raises(RuleError, match=words) as refused:
        load_checks(rewritten(tmp_path / "gate_3.yaml", change))
    assert "\n" not in str(refused.value)


def test_unchanged_it_is_read(tmp_path):
    assert load_checks(rewritten(tmp_path / "gate_3.yaml", lambda checks: None)) == CHECKS


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(RuleError, match="cannot be read"):
        load_checks(tmp_path / "gate_3.yaml")
    (tmp_path / "gate_3.yaml").write_text("checks: [", encoding="utf-8")
    with pytest.raises(RuleError, match="cannot be read"):
        load_checks(tmp_path / "gate_3.yaml")


@pytest.mark.parametrize(
    ("check", "scope"),
    [
        ("completeness", "reference/imd_2025"),
        ("checklist", "3/county_lines"),
        ("elements", "3"),
        ("limbs", "reoffending"),
        ("case_reviews", "asb_case_review_applications"),
        ("external", "Violence against the person"),
        ("cycle", "previous/2024-25"),
        ("prescribed", "4-5 (a)"),
        ("prescribed", "6 (other limb)"),
    ],
)
def test_a_scope_that_names_one_thing_may_be_waived(check, scope):
    assert scope_problem(CHECKS[check], scope) == ""


@pytest.mark.parametrize(
    ("check", "scope"),
    [
        ("checklist", "3"),
        ("checklist", "3/"),
        ("checklist", "7/county_lines"),
        ("elements", "0"),
        ("cycle", "2024-25"),
        ("limbs", "limbs"),
        ("external", "All"),
        ("commentary", "any"),
        ("prescribed", "every"),
        ("completeness", "council/asb_cases\n"),
    ],
)
def test_a_scope_that_names_more_or_nothing_may_not(check, scope):
    assert scope_problem(CHECKS[check], scope)


def test_what_is_allowed_for_is_there():
    settings = CHECKS["completeness"].settings
    assert {*settings["optional"], *settings["late_by_nature"]} <= set(CONTRACTS)
    measures = pd.read_csv(REGISTER / "measure_register.csv", dtype=str)
    by_law = measures.loc[measures["published_by_law"].eq("true"), "measure_id"]
    assert set(CHECKS["case_reviews"].settings["figures"]) == set(by_law)
    needs = pd.read_csv(REGISTER / "needs_assessment_measures.csv", dtype=str)
    assert set(CHECKS["needs_assessment"].settings["sections"]) <= set(needs["section"])
    assert {*CHECKS["limbs"].settings["limbs"], "none"} == set(measures["statutory_limb"])


def test_a_scope_of_every_feed_paragraph_and_priority_can_be_named():
    seeds = [
        ("prescribed", "prescribed_items", "paragraph"),
        ("commentary", "priorities", "priority_id"),
        ("external", "offence_taxonomy", "offence_group"),
    ]
    for check, seed, column in seeds:
        names = (
            pd.read_csv(register.table(settings_at(PROJECT / "var"), seed), dtype=str)[column]
            .dropna()
            .unique()
        )
        assert [name for name in names if scope_problem(CHECKS[check], name)] == []
    assert [feed for feed in CONTRACTS if scope_problem(CHECKS["completeness"], feed)] == []


def test_the_register_of_agreements_ships_open_data_only_and_all_of_it():
    rows = load(REGISTER / "agreements.csv")
    assert set(rows["agreement"]) == set(CHECKS["agreements"].settings["open_licences"])
    is_open = re.compile(r"Public information \(Open Government Licence v3\.0\)").match
    texts = {
        feed: (PROJECT / "expectations" / "feeds" / f"{feed}.odcs.yaml").read_text(encoding="utf-8")
        for feed in CONTRACTS
    }
    found = {
        feed for feed, text in texts.items() if any(map(is_open, re.findall(r"value: (.*)", text)))
    }
    assert set(rows["feed"]) == found


GOOD = "police/street_crime,A protocol,Police,Data mailbox,2025-01-01,2027-01-01,,verified"
HEAD = "feed,agreement,controller,contact_role,signed_on,review_by,ends_on,verified"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([HEAD.replace("feed,", "")], "the columns are"),
        ([HEAD + ",more", GOOD + ",x"], "the columns are"),
        ([], "cannot be read"),
        ([HEAD, GOOD, GOOD], "row 3 is there twice"),
        ([HEAD, GOOD.replace("verified", "yes")], "row 2 is neither verified nor unverified"),
        ([HEAD, GOOD.replace("2027-01-01", "soon")], "row 2: review_by is no day"),
        ([HEAD, GOOD.replace("2027-01-01", "2027-02-30")], "row 2: review_by is no day"),
        ([HEAD, GOOD.replace("2025-01-01", "2025-1-1")], "row 2: signed_on is no day"),
        ([HEAD, GOOD.replace("A protocol", " ")], "row 2 has no agreement"),
        ([HEAD, GOOD.replace("Data mailbox", "")], "row 2 has no contact_role"),
    ],
)
def test_a_register_of_agreements_that_is_not_sound_is_refused(tmp_path, lines, words):
    path = tmp_path / "agreements.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(AgreementError, match=words):
        load(path)
    path.write_text("\n".join([HEAD, GOOD]), encoding="utf-8")
    assert load(path)["review_by"].notna().all()
