"""Three outcomes, three severities, and a verdict that is no unless everything says yes."""

import pytest

from orchestration.quality.gate_two import Verdict, decide
from orchestration.quality.outcomes import ERRORED, FAILED, PASSED, RuleOutcome, in_words, overall
from orchestration.release.publish import PublicationRefused, authorise


def outcome(result, severity="critical"):
    return RuleOutcome("rule", severity, result, "a sentence")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([outcome(PASSED)], PASSED),
        ([outcome(FAILED)], FAILED),
        ([outcome(FAILED, "warning"), outcome(FAILED, "info")], PASSED),
        ([outcome(ERRORED, "info"), outcome(PASSED)], ERRORED),
        ([outcome(FAILED), outcome(ERRORED)], ERRORED),
        ([], ERRORED),
    ],
)
def test_overall(results, expected):
    assert overall(results) == expected


def test_one_row_is_a_row_and_every_other_number_of_them_are_rows():
    assert [in_words(rows) for rows in (0, 1, 2, 1204)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "1,204 rows",
    ]


def test_an_outcome_is_kept_with_all_that_was_found():
    kept = outcome(FAILED, "warning").as_json()
    assert (kept["rule"], kept["severity"], kept["outcome"]) == ("rule", "warning", FAILED)
    assert RuleOutcome(**kept) == outcome(FAILED, "warning")


def test_an_errored_rule_blocks_at_any_severity():
    assert all(outcome(ERRORED, severity).blocks for severity in ("critical", "warning", "info"))


@pytest.mark.parametrize(
    ("failed", "outcomes", "allow"),
    [
        ([], {"marts": [outcome(PASSED)]}, True),
        ([], {"marts": [outcome(FAILED, "warning")]}, True),
        (["some_test"], {"marts": [outcome(PASSED)]}, False),
        ([], {}, False),
        ([], {"marts": []}, False),
        ([], {"marts": [outcome(FAILED)]}, False),
        ([], {"marts": [outcome(ERRORED, "info")]}, False),
        ([], {"marts": [outcome(PASSED)], "ledger": [outcome(FAILED)]}, False),
    ],
)
def test_the_verdict_is_no_by_default(failed, outcomes, allow):
    verdict = decide("abc", "inputs", failed, outcomes)
    assert verdict.allow is allow
    assert bool(verdict.reasons) is not allow


@pytest.mark.parametrize(
    ("verdict", "sha", "words"),
    [
        (None, "abc", "no verdict"),
        (Verdict(True, (), "abc", "in", {}), None, "no candidate"),
        (Verdict(True, (), "abc", "in", {}), "other", "another candidate"),
        (Verdict(False, ("marts: too few",), "abc", "in", {}), "abc", "too few"),
    ],
)
def test_publication_needs_a_verdict_on_this_very_candidate(verdict, sha, words):
    with pytest.raises(PublicationRefused, match=words):
        authorise(verdict, sha)


def test_publication_is_allowed_by_a_verdict_on_this_candidate():
    authorise(Verdict(True, (), "abc", "in", {}), "abc")
