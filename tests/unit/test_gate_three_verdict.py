"""The verdict of gate 3 is no unless everything says yes; what was written is believed only if sound."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.edition.gate.verdict import (
    AssessmentHeld,
    AssessmentVerdict,
    authorise,
    decide,
    read_verdict,
    write_verdict,
)
from orchestration.quality.finding import OUTCOMES, SEVERITIES, Finding
from tests.support.gate_three import CHECKS, TODAY, waiver

WAIVABLE, FIXED, QUIET = "completeness", "reconciliation", "external"
REQUIRED = {name: CHECKS[name] for name in (WAIVABLE, FIXED, QUIET)}
SCOPES = {WAIVABLE: "council/asb_cases", FIXED: "council/asb_cases", QUIET: "Robbery"}
YESTERDAY = TODAY - timedelta(days=1)


def finding(check, outcome="passed", severity="critical", scope=None):
    scope = scope or SCOPES[check]
    return Finding(check, scope, outcome, severity, f"{scope} is {outcome}")


SOUND = [finding(name) for name in REQUIRED]


def verdict(findings=SOUND, waivers=(), judged="print", fingerprint="print", required=REQUIRED):
    return decide(fingerprint, judged, findings, waivers, TODAY, required)


def without(check):
    return [f for f in SOUND if f.check != check]


def test_it_is_allowed_when_every_check_passed():
    assert verdict() == AssessmentVerdict(True, (), "print", tuple(SOUND), ())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"findings": []}, "gate 3 found nothing at all, so nothing was checked"),
        ({"findings": without(WAIVABLE)}, "completeness: nothing was checked"),
        ({"findings": without(QUIET)}, "external: nothing was checked"),
        ({"judged": None}, "nothing was judged; gate 3 has not run"),
        ({"judged": "other"}, "the findings are stale: they are about another build; run gate 3 again"),
        ({"fingerprint": "", "judged": ""}, "what is to be issued has no fingerprint"),
        ({"required": {}}, "no check is required, so nothing would have been checked"),
        ({"findings": [*SOUND, finding(WAIVABLE, scope="x/y")], "required": {FIXED: CHECKS[FIXED]}},
         "completeness: there is no such check of gate 3"),
        ({"findings": [*without(FIXED), finding(FIXED, severity="info")]},
         "reconciliation: nothing was checked at its severity, critical"),
        ({"findings": [*SOUND, finding(WAIVABLE, "errored", "info")]},
         "completeness: could not be checked, council/asb_cases is errored"),
        ({"findings": [*SOUND, finding(WAIVABLE, "failed")]}, "completeness: council/asb_cases is failed"),
    ],
)  # fmt: skip
def test_it_is_held_with_a_reason_in_one_sentence(given, words):
    held = verdict(**given)
    assert not held.allow
    assert words in held.reasons
    assert all("\n" not in reason for reason in held.reasons)


def test_a_check_that_may_say_nothing_may_only_note():
    assert verdict([*without(QUIET), finding(QUIET, "failed", "info")]).allow


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_a_failure_that_is_not_critical_does_not_hold(severity):
    assert verdict([*SOUND, finding(WAIVABLE, "failed", severity)]).allow


@pytest.mark.parametrize(
    ("outcome", "check", "given", "end"),
    [
        ("failed", WAIVABLE, waiver(WAIVABLE, "council/asb_cases", TODAY), None),
        ("failed", WAIVABLE, waiver(WAIVABLE, "council/asb_cases", YESTERDAY),
         "; the waiver of completeness for council/asb_cases expired on 31 August 2026"),
        ("failed", WAIVABLE, waiver(WAIVABLE, "council/asb_tools_used"), "is failed"),
        ("failed", WAIVABLE, waiver("cycle", "council/asb_cases"), "is failed"),
        ("failed", WAIVABLE, waiver(WAIVABLE, "council/ASB_cases"), "is failed"),
        ("failed", FIXED, waiver(FIXED, "council/asb_cases"), "; this check cannot be waived"),
        ("errored", WAIVABLE, waiver(WAIVABLE, "council/asb_cases"), "; an error cannot be waived"),
    ],
)  # fmt: skip
def test_a_waiver_lifts_exactly_what_it_names_and_while_it_counts(outcome, check, given, end):
    decided = verdict([*SOUND, finding(check, outcome)], [given])
    assert decided.allow is (end is None)
    assert decided.used_waivers == ((given,) if end is None else ())
    assert decided.unused_waivers == (() if end is None else (given,))
    assert end is None or decided.reasons[0].endswith(end)


def test_a_waiver_that_is_too_broad_lifts_nothing_even_where_a_finding_has_its_scope():
    for scope in ("all", "*", WAIVABLE):
        decided = verdict(
            [*SOUND, finding(WAIVABLE, "failed", scope=scope)], [waiver(WAIVABLE, scope)]
        )
        assert not decided.allow
        assert "too broad" in decided.reasons[0]


def test_a_renewed_waiver_counts_beside_the_one_that_expired():
    old, new = (
        waiver(WAIVABLE, "council/asb_cases", YESTERDAY),
        waiver(WAIVABLE, "council/asb_cases"),
    )
    decided = verdict([*SOUND, finding(WAIVABLE, "failed")], [old, new])
    assert decided.allow
    assert (decided.used_waivers, decided.unused_waivers) == ((new,), (old,))


def test_a_waiver_for_what_passed_is_listed_as_unused():
    spare = waiver(WAIVABLE, "council/asb_cases")
    assert verdict(waivers=[spare]).unused_waivers == (spare,)


FINDINGS = st.builds(
    finding, st.sampled_from(list(REQUIRED)), st.sampled_from(OUTCOMES), st.sampled_from(SEVERITIES)
)
WAIVERS = st.builds(
    waiver,
    st.sampled_from([*REQUIRED, "cycle"]),
    st.sampled_from([*SCOPES.values(), "all", "*", "fire/incidents"]),
    st.sampled_from([YESTERDAY, TODAY]),
)


@settings(deadline=None)
@given(
    st.lists(FINDINGS, max_size=8),
    st.lists(WAIVERS, max_size=6),
    st.sampled_from(["print", "x", None]),
)
def test_it_is_never_allowed_with_a_check_missing_in_error_or_failed_and_not_waived(
    findings, waivers, judged
):
    decided = verdict(findings, waivers, judged)
    lifted = {
        (w.check, w.scope)
        for w in waivers
        if w.expires >= TODAY and w.check in (WAIVABLE, QUIET) and w.scope not in ("all", "*")
    }
    missing = set(REQUIRED) - {f.check for f in findings}
    errored = [f for f in findings if f.outcome == "errored"]
    failed = [
        f for f in findings
        if f.outcome == "failed" and f.severity == "critical" and (f.check, f.scope) not in lifted
    ]  # fmt: skip
    silent = [
        name for name in (WAIVABLE, FIXED)
        if all(f.severity != "critical" for f in findings if f.check == name)
    ]  # fmt: skip
    assert decided.allow is not bool(missing or errored or failed or silent or judged != "print")
    assert decided.allow is not bool(decided.reasons)
    assert set(decided.used_waivers) | set(decided.unused_waivers) == set(waivers)
    assert decided == verdict(findings, waivers, judged)


def test_a_verdict_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "gate_3.json"
    held = verdict([*SOUND, finding(FIXED, "failed")], [waiver(WAIVABLE, "council/asb_cases")])
    used = verdict([*SOUND, finding(WAIVABLE, "failed")], [waiver(WAIVABLE, "council/asb_cases")])
    for decided in (held, used, verdict()):
        write_verdict(path, decided)
        first = path.read_bytes()
        assert read_verdict(path) == decided
        write_verdict(path, decided)
        assert path.read_bytes() == first


def changed(**given):
    def change(document):
        return json.dumps(document | given)

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: "{",
        lambda document: "[]",
        lambda document: json.dumps({**document, "more": 1}),
        lambda document: json.dumps({k: v for k, v in document.items() if k != "findings"}),
        changed(allow="yes"),
        changed(reasons=["a reason"]),
        changed(allow=False),
        changed(findings=[]),
        changed(findings=[{"check": "x"}]),
        changed(used_waivers=[{"check": "x"}]),
    ],
)
def test_a_verdict_that_cannot_be_believed_is_none(tmp_path, spoil):
    path = tmp_path / "gate_3.json"
    assert read_verdict(path) is None
    write_verdict(path, verdict())
    path.write_text(spoil(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert read_verdict(path) is None


GIVEN = (waiver(WAIVABLE, "council/asb_cases", TODAY),)
WAIVED = verdict([*SOUND, finding(WAIVABLE, "failed")], GIVEN)


@pytest.mark.parametrize(
    ("decided", "fingerprint", "today", "words"),
    [
        (None, "print", TODAY, "no verdict"),
        (verdict(), "other", TODAY, "another build"),
        (replace(verdict(), fingerprint=""), "", TODAY, "another build"),
        (verdict(findings=[]), "print", TODAY, r"found nothing at all.*\(and 3 more\)"),
        (replace(verdict(), allow=False), "print", TODAY, "does not allow"),
        (WAIVED, "print", TODAY + timedelta(days=1), "expired on 1 September 2026; gate 3 must run again"),
    ],
)  # fmt: skip
def test_nothing_is_issued_on_it(decided, fingerprint, today, words):
    with pytest.raises(AssessmentHeld, match=words):
        authorise(decided, fingerprint, today, GIVEN, REQUIRED)


def test_it_is_issued_on_a_verdict_about_this_very_build():
    authorise(verdict(), "print", TODAY, (), REQUIRED)
    authorise(WAIVED, "print", TODAY, GIVEN, REQUIRED)


HELD = verdict([*SOUND, finding(WAIVABLE, "failed")])


@pytest.mark.parametrize(
    "helped",
    [
        replace(HELD, allow=True, reasons=()),
        replace(HELD, allow=True, reasons=(), used_waivers=(waiver(QUIET, "Robbery"),)),
        replace(verdict(), findings=verdict().findings[1:]),
        replace(WAIVED, used_waivers=(), unused_waivers=GIVEN),
    ],
)
def test_a_verdict_that_somebody_helped_along_opens_nothing(helped):
    with pytest.raises(AssessmentHeld, match="does not follow from its findings"):
        authorise(helped, "print", TODAY, GIVEN, REQUIRED)


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "fine"},
        {"severity": "grave"},
        {"detail": " "},
        {"scope": ""},
        {"detail": "a\nb"},
    ],
)
def test_a_finding_that_says_nothing_known_cannot_be_made(wrong):
    with pytest.raises(ValueError, match=r"."):
        replace(finding(FIXED), **wrong)
