"""What a measure counts, over whom, and which way is good, agree with each other and with the contracts."""

import csv

import pytest

from orchestration.contracts.odcs import ContractError, load_contracts
from orchestration.core import vocabulary
from orchestration.edition.report.sentences import measures as sentences
from tests.conftest import PROJECT
from tests.support.made_up import COLUMNS, load

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
REGISTER = PROJECT / "seeds" / "register"


def table(name):
    with (REGISTER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


MEASURES = {row["measure_id"]: row for row in table("measure_register")}


def test_a_contract_says_that_its_rows_have_no_rate(tmp_path):
    assert load(tmp_path / "a", COLUMNS).has_rates
    assert not load(tmp_path / "b", COLUMNS, rates="none").has_rates
    with pytest.raises(ContractError, match="rates 'sometimes' is not known"):
        load(tmp_path / "c", COLUMNS, rates="sometimes")


def test_no_measure_of_such_a_feed_names_a_population():
    wrong = [
        name
        for name, row in MEASURES.items()
        if not CONTRACTS[row["source_feed"]].has_rates
        and row["denominator"] not in ("none", "own", "published")
    ]
    assert wrong == []


def test_a_rate_says_over_whom():
    """Every group that a rate is over has a name for a sentence; without one it would read `per 1,000`."""
    groups = {row["group_id"] for row in table("denominator_groups")}
    assert all(sentences.group(group) for group in groups)
    used = {row["denominator"] for row in MEASURES.values()} - {"own", "none", "published"}
    assert used <= groups


@pytest.mark.parametrize(
    "part",
    ["domestic_abuse", "sexual", "hate", "vawg", "nrm", "modern_slavery", "harassment", "coercive"],
)
def test_what_rises_with_reporting_is_neither_good_nor_bad(part):
    """Recorded domestic abuse, sexual offences and hate crime rise when more people come forward."""
    found = {name: row["polarity"] for name, row in MEASURES.items() if part in name}
    assert found and set(found.values()) == {"neutral"}


def test_a_measure_that_holds_such_offences_is_neutral_as_well():
    for name in ("police_violence_and_sexual_offences", "serious_violence_public_vawg"):
        assert MEASURES[name]["polarity"] == "neutral"


def test_every_limb_has_words():
    for row in MEASURES.values():
        limb = row["statutory_limb"]
        assert vocabulary.said(limb, "statutory_limb") not in ("", "no rate")
    assert vocabulary.said("none", "denominator") == "no rate"


def test_what_is_no_crime_and_no_disorder_serves_no_limb():
    for name in ("suicide_rate", "self_harm_admissions", "ambulance_mental_health_calls"):
        assert MEASURES[name]["statutory_limb"] == "none"


def test_a_definition_has_its_page_and_day_or_says_what_it_rests_on():
    for name, row in MEASURES.items():
        has_page = row["definition_page"] != "none"
        assert row["definition_publisher"].strip(), name
        assert bool(row["definition_as_at"]) == has_page, name
        assert row["definition_page"].startswith("http") == has_page, name
        if row["verified"] == "unverified":
            assert row["verification_note"].strip(), name


def test_every_group_subgroup_and_category_is_counted_and_scanned():
    """Fraud is the exception: the police record little of it, and no feed brings Action Fraud's tables."""
    codes = [row for row in table("offence_taxonomy") if row["offence_group"] != "Fraud offences"]
    counted = {(row["offence_group"], row["offence_subgroup"]) for row in table("offence_measures")}
    groups = {row["offence_group"] for row in codes}
    assert groups == {group for group, subgroup in counted if not subgroup}
    # A group whose only subgroup is itself is counted once.
    wanted = {
        (row["offence_group"], row["offence_subgroup"])
        for row in codes
        if row["offence_subgroup"] != row["offence_group"]
    }
    assert wanted == {pair for pair in counted if pair[1]}
    scanned = {row["measure_id"] for row in table("scan_measures")}
    assert {row["measure_id"] for row in table("offence_measures")} <= scanned
    categories = {row["crime_type"] for row in table("street_crime_measures")}
    assert categories == {row["police_uk_category"] for row in codes} | {"Anti-social behaviour"}
    by_category = {
        row["crime_type"]: row["measure_id"]
        for row in table("street_crime_measures")
        if row["measure_id"] != "police_recorded_crime"
    }
    assert set(by_category) == categories
    assert set(by_category.values()) <= scanned


def test_what_the_scan_looks_at_is_of_the_measures_of_its_feed():
    """Levels are ranked each for itself, so that a level holds measures of one feed only."""
    feeds = {}
    for row in table("scan_measures"):
        feeds.setdefault(row["level"], set()).add(MEASURES[row["measure_id"]]["source_feed"])
    assert all(len(found) == 1 for found in feeds.values())
    subjects = {row["subject"] for row in table("scan_measures")}
    wider = {row["within"] for row in table("scan_measures") if row["within"]}
    assert wider <= subjects
