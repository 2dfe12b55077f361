"""What partners got wrong holds an edition; a waiver lets it through, printed; an expired one does not.

One home has it all at once: a month that never came, one that was refused, a publisher who disagrees, an
agreement that lapsed, an element of the law without evidence, and a correction of a month that counted.
"""

import json
from dataclasses import replace
from datetime import timedelta

import duckdb
import pandas as pd
import pytest
import yaml

from orchestration import night
from orchestration.core import register
from orchestration.disclosure import control
from orchestration.edition import issue
from orchestration.edition.freeze import EditionRefused
from orchestration.release.verify import differences
from orchestration.synthetic.faults.catalogue import FAULTS
from tests.conftest import settings_at
from tests.support import editions, pdf_text
from tests.support.commands import REFUSED
from tests.support.editions import PUBLIC, REPORT, SECOND, SENSITIVE
from tests.support.held_home import A_WEEK_LATER, Held, figures_of, forget, workbook_text
from tests.support.report_page import Page

MISSING, MISSING_MONTH = "health/ambulance_calls", "2025-08"
SPOILED, SPOILED_MONTH = "fire/incidents", "2025-09"
CORRECTED, CORRECTED_MONTHS = "council/asb_cases", ("2024-07", "2025-07")
LAPSED = "voluntary/victim_support"
HOLE = "county_lines"
GROUP = "Robbery"
REASONS = {
    ("completeness", MISSING): f"completeness: {MISSING}: August 2025 is missing",
    ("completeness", SPOILED): f"completeness: {SPOILED}: September 2025 is refused",
    ("checklist", f"3/{HOLE}"): f"checklist: 3/{HOLE}, why those changes have occurred: ",
    (
        "external",
        GROUP,
    ): f"external: {GROUP}: our count differs from the Home Office's by more than",
    (
        "agreements",
        LAPSED,
    ): f"agreements: {LAPSED}: Sharing protocol was to be reviewed by 30 June 2026",
}
ACCEPTED = "The partnership knows of it and wants the figures in spite of that."
WHY_AGAIN = "The council corrected July 2024 and July 2025."
YESTERDAY = "29 November 2026"
ENDS = "2026-12-31"


@pytest.fixture(scope="module")
def held(issued_home, tmp_path_factory):
    """The spoiled home after its night; 2025-26 stands there as version 1."""
    folder = tmp_path_factory.mktemp("held")
    project = editions.checkout(folder / "project")
    with (project / "seeds" / "register" / "agreements.csv").open("a", encoding="utf-8") as file:
        file.write(
            f"{LAPSED},Sharing protocol,Charity,Its mailbox,2024-01-01,2026-06-30,,verified\n"
        )
    home = editions.linked(
        issued_home.home, folder / "home",
        "landing", "raw", ".published", "published", "editions", "assessments",
    )  # fmt: skip
    source = editions.linked(issued_home.sample, folder / "source")
    (source / "health" / f"ambulance_calls_{MISSING_MONTH}.json").unlink()
    forget(home, MISSING, MISSING_MONTH)
    forget(home, SPOILED, SPOILED_MONTH)
    spoiled = source / "fire" / f"fire_incidents_{SPOILED_MONTH}.csv"
    editions.put(spoiled, spoiled.read_bytes())
    FAULTS["fire_email"].apply(spoiled)
    for month in CORRECTED_MONTHS:
        corrected = source / "council" / f"asb_cases_{month}.csv"
        lines = corrected.read_bytes().splitlines(keepends=True)
        editions.put(corrected, b"".join(lines[:-20]))
    other = source / "national" / f"prc-csp-{SECOND}.csv"
    table = pd.read_csv(other, dtype=str, keep_default_na=False)
    robbery = table["Offence Group"] == GROUP
    counts = table["Number of Offences"].astype(int)
    table["Number of Offences"] = counts.where(~robbery, counts * 2).astype(str)
    editions.put(other, table.to_csv(index=False, lineterminator="\n").encode())
    words = home / "assessments" / SECOND / "commentary" / f"{HOLE}.md"
    editions.put(words, b"## Why\n\n## So what\n\nWatch the lines that are known together.\n")
    settings = replace(settings_at(home, source, A_WEEK_LATER), project=project)
    editions.publish(settings)
    return Held(settings)


def verdict_of(answer):
    """The lines of the verdict in what `csp assess` prints."""
    head, *lines = answer.text.splitlines()
    return head, [line.strip() for line in lines]


@pytest.fixture(scope="module")
def refused(held):
    """What `csp assess` says, and the editions before and after it."""
    before = editions.editions_of(held.settings.home)
    answer = held.csp("assess", SECOND)
    return before, answer, editions.editions_of(held.settings.home)


def test_every_failure_is_refused_in_one_sentence_that_names_it(refused):
    _, answer, _ = refused
    assert answer.code == REFUSED
    head, reasons = verdict_of(answer)
    assert head.startswith("Gate 3  HOLD: ")
    for wanted in REASONS.values():
        assert sum(reason.startswith(wanted) for reason in reasons) == 1, (wanted, reasons)
    assert len(reasons) == len(REASONS)
    line = answer.error.splitlines()[-1]
    assert line == f"Error: not issued: {reasons[0]} (and {len(REASONS) - 1} more)"


def test_a_refusal_leaves_every_byte_of_what_was_issued(refused, held):
    before, _, after = refused
    assert before == after
    assert any(name.startswith(f"{SECOND}/v1/{PUBLIC}/") for name in before)
    assert differences(held.settings.editions / SECOND / "v1") == []


def test_the_release_refuses_on_its_own(refused, held):
    with pytest.raises(EditionRefused, match=r"^completeness: fire/incidents: .* \(and 4 more\)$"):
        issue.issue(held.settings, SECOND, editions.signed(held.settings))


@pytest.fixture(scope="module")
def waived(refused, held):
    """Every failure waived, one at a time and by name; the verdict then."""
    for check, scope in REASONS:
        answer = held.csp(
            "waive", check, "--scope", scope, "--reason", ACCEPTED, "--by", editions.CHAIR,
            "--until", ENDS,
        )  # fmt: skip
        assert answer.code == 0, answer.error
    return editions.judge(held.settings, SECOND)


def test_waived_failures_allow_and_are_named(waived):
    assert waived.allow, waived.reasons
    assert {(waiver.check, waiver.scope) for waiver in waived.used_waivers} == set(REASONS)


def test_other_content_is_refused_without_a_reason_to_reissue(waived, held):
    before = editions.editions_of(held.settings.home)
    with pytest.raises(EditionRefused, match=r"was issued as version 1, .* say why with --reissue"):
        issue.issue(held.settings, SECOND, editions.signed(held.settings))
    assert editions.editions_of(held.settings.home) == before


def test_a_waiver_that_ends_between_verdict_and_issue_opens_nothing(waived, held):
    later = replace(held.settings, now=held.settings.now + timedelta(days=60))
    with pytest.raises(EditionRefused, match=r"expired on 31 December 2026; gate 3 must run again"):
        issue.issue(later, SECOND, editions.signed(later))


def test_an_expired_waiver_is_refused_with_that_reason(waived, held):
    before = editions.editions_of(held.settings.home)
    path = held.settings.waivers
    kept = path.read_text(encoding="utf-8")
    written = yaml.safe_load(kept)
    yesterday = held.settings.today - timedelta(days=1)
    for waiver in written["waivers"]:
        waiver["expires"] = yesterday
    path.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
    try:
        verdict = editions.judge(held.settings, SECOND)
    finally:
        path.write_text(kept, encoding="utf-8")
    assert not verdict.allow
    for (check, scope), begins in REASONS.items():
        (reason,) = [reason for reason in verdict.reasons if reason.startswith(begins)]
        assert reason.endswith(f"; the waiver of {check} for {scope} expired on {YESTERDAY}")
    assert editions.editions_of(held.settings.home) == before


@pytest.fixture(scope="module")
def reissued(waived, held):
    """Version 2, by the real command; and what was issued before it."""
    before = editions.editions_of(held.settings.home)
    answer = held.csp("assess", SECOND, "--sign-off", editions.CHAIR, "--reissue", WHY_AGAIN)
    assert answer.code == 0, (answer.text, answer.error)
    assert f"Issued  {SECOND} version 2" in answer.text
    return before, answer, held.settings.editions / SECOND / "v2"


def test_version_1_is_untouched_and_version_2_says_why_it_follows(reissued, held):
    before, _, folder = reissued
    after = editions.editions_of(held.settings.home)
    kept = {name: sha for name, sha in after.items() if not name.startswith(f"{SECOND}/v2/")}
    assert {**kept, "index.json": ""} == {**before, "index.json": ""}
    index = json.loads((held.settings.editions / "index.json").read_text(encoding="utf-8"))
    assert set(index) == {"2024-25/v1", "2025-26/v1", "2025-26/v2"}
    for variant in (SENSITIVE, PUBLIC):
        record = json.loads((folder / variant / "issue.json").read_text(encoding="utf-8"))
        assert (record["version"], record["reason"]) == (2, WHY_AGAIN)
        assert (record["name"], record["at"]) == (
            editions.CHAIR,
            held.settings.now.isoformat(timespec="seconds"),
        )
    assert differences(folder) == []
    assert held.csp("verify", folder).text == "All files are as published.\n"


@pytest.mark.parametrize("variant", [SENSITIVE, PUBLIC])
def test_every_waiver_is_printed_wherever_the_edition_is_read(reissued, variant):
    folder = reissued[2] / variant
    page = Page((folder / f"{REPORT}.html").read_text(encoding="utf-8")).words
    quality = Page((folder / "quality.html").read_text(encoding="utf-8")).words
    pdf = pdf_text.words(folder / f"{REPORT}.pdf")
    sheets = workbook_text(folder / f"{REPORT}.xlsx")
    rows = duckdb.read_parquet(str(folder / "parquet" / "waivers.parquet")).df()
    assert set(zip(rows["check"], rows["scope"], strict=True)) == set(REASONS)
    for text in (page, quality, pdf, sheets):
        assert WHY_AGAIN in text or text is quality
        assert text.count(ACCEPTED) >= len(REASONS)
        assert editions.CHAIR in text
        assert "31 December 2026" in text
        for _, scope in REASONS:
            assert scope in text
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["gate_3"]["verdict"] == "ALLOW"
    assert set(manifest["gate_3"]["waivers"]) == {f"{check}: {scope}" for check, scope in REASONS}


def test_months_that_are_not_there_are_no_zero(reissued):
    folder = reissued[2]
    for feed, month in ((MISSING, MISSING_MONTH), (SPOILED, SPOILED_MONTH)):
        measures = figures_of(folder, SENSITIVE, "methods").query("source_feed == @feed")
        monthly = figures_of(folder, SENSITIVE, "monthly")
        own = monthly[monthly["measure_id"].isin(measures["measure_id"])]
        gap = own[own["month_start"].eq(pd.Timestamp(f"{month}-01"))]
        assert len(gap) and gap["count"].isna().all()
        expected = {MISSING: "not_supplied", SPOILED: "refused"}[feed]
        assert set(gap["missing_reason"]) == {expected}
    headline = figures_of(folder, SENSITIVE, "figures").query(
        "period_type == 'strategy_year' and strategy_year == @SECOND"
    )
    fires = figures_of(folder, SENSITIVE, "methods").query("source_feed == @SPOILED")
    years = headline[headline["measure_id"].isin(fires["measure_id"])]
    assert len(years) and years["count"].isna().all() and years["missing_reason"].notna().all()


def test_changes_name_the_cells_that_were_revised_and_the_delivery_that_did_it(reissued):
    changes = figures_of(reissued[2], SENSITIVE, "changes")
    assert set(changes["status"]) <= {"new", "revised", "withdrawn", "unchanged"}
    revised = changes[changes["status"].eq("revised")]
    assert (revised["difference"] == revised["now"] - revised["previous"]).all()
    assert not revised.duplicated(
        ["measure_id", "area_type", "area_code", "period_type", "period_start"]
    ).any()
    corrected, period = CORRECTED, CORRECTED_MONTHS[0]
    measures = figures_of(reissued[2], SENSITIVE, "methods").query("source_feed == @corrected")
    own = revised[revised["measure_id"].isin(measures["measure_id"])]
    month = own[own["period_type"].eq("month")]
    assert set(month["period_start"].dt.strftime("%Y-%m")) == {period}
    assert set(own["deliveries"]) == {f"{corrected} {period}"}
    year = own[own["period_type"].eq("strategy_year") & own["area_type"].eq("city")]
    assert len(year) and (year["difference"] < 0).any()
    page = Page((reissued[2] / SENSITIVE / f"{REPORT}.html").read_text(encoding="utf-8")).words
    assert "July 2024" in page


def test_the_public_version_is_safe_against_every_edition_before_it(reissued, held):
    """Attacked once more, from the frozen files alone, with version 1 and 2024-25 laid beside it."""
    root, folder = held.settings.editions, reissued[2]
    names = [path.stem for path in (folder / PUBLIC / "parquet").glob("*.parquet")]
    public = {name: figures_of(folder, PUBLIC, name) for name in names}
    true = {name: figures_of(folder, SENSITIVE, name) for name in names}
    rules = control.rules_in(register.assemble(held.settings))
    previous = [
        control.Previous(figures_of(path, PUBLIC), figures_of(path, SENSITIVE))
        for path in (root / SECOND / "v1", root / "2024-25" / "v1")
    ]
    parts = ("changes", "checklist", "ranking", "gates", "waivers", "commentary")
    tables = {name: frame for name, frame in public.items() if name not in parts}
    found = control.audit(tables, control.unmarked(true), rules, previous)
    assert found.findings.empty, found.findings
    assert found.attacked > 100


def test_the_verdict_is_about_what_was_published_from_todays_deliveries(held):
    contracts = night.contracts_of(held.settings)
    manifest = json.loads((held.settings.published / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["inputs"] == night.inputs_of(held.settings, contracts)
