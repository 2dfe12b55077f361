"""On the real public files: refused with every feed and month that is missing, drafted with its gaps."""

import re
from collections import defaultdict

import duckdb
import pytest

from orchestration import night
from orchestration.edition.figures.contents import VARIANTS
from orchestration.quality.check_register import load_checks
from tests.integration.test_edition_pages import NO_WORDS
from tests.support import accessibility, editions, pdf_text
from tests.support.commands import csp
from tests.support.editions import REPORT, SECOND
from tests.support.report_page import Page


@pytest.fixture(scope="module")
def drafted(real_home, tmp_path_factory):
    """A copy of the real home, what `csp assess --draft` said of it, and the draft's folder."""
    home = editions.linked(
        real_home.home, tmp_path_factory.mktemp("drafted") / "home",
        "landing", "raw", ".published", "published",
    )  # fmt: skip
    answer = csp("assess", SECOND, "--draft", home=home, source=real_home.source)
    return home, answer, home / "editions" / "drafts" / SECOND


def reasons_of(answer):
    found = defaultdict(list)
    for line in answer.text.splitlines()[1:]:
        check, _, told = line.strip().partition(": ")
        found[check].append(told)
    return found


def test_it_is_held_and_nothing_is_issued(drafted):
    home, answer, _ = drafted
    assert answer.text.startswith("Gate 3  HOLD: ")
    assert re.match(r"completeness: .* are missing$", answer.text.splitlines()[1].strip())
    assert not (home / "editions" / SECOND).exists()
    assert not (home / "editions" / "index.json").exists()


def test_every_missing_feed_and_month_is_named(drafted, real_home):
    _, answer, _ = drafted
    told = reasons_of(answer)["completeness"]
    contracts = night.contracts_of(real_home)
    check = load_checks(real_home.assessment_suites / "gate_3.yaml")["completeness"]
    excused = {name for names in check.settings.values() for name in names}
    named = {line.partition(": ")[0] for line in told}
    assert named == set(contracts) - excused
    assert "police/street_crime: January 2026 to March 2026 are missing" in told
    assert "council/asb_cases: April 2025 to March 2026 are missing" in told
    assert "council/asb_case_reviews: the year 2025-26 is missing" in told


def test_what_is_missing_is_no_leak(drafted):
    """Where no count was supplied there is nothing to attack, and that is no failure of the audit."""
    assert "disclosure" not in reasons_of(drafted[1])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_draft_says_that_it_is_one_and_shows_gaps_as_gaps(drafted, variant):
    folder = drafted[2] / variant
    page = Page((folder / f"{REPORT}.html").read_text(encoding="utf-8")).words
    assert f"{variant.upper()} – DRAFT" in page
    assert "SYNTHETIC" not in page
    assert NO_WORDS.findall(page) == []
    assert page.count("not supplied") > 100
    assert "January 2026 to March 2026 are missing" in page
    for number, sheet in enumerate(pdf_text.pages(folder / f"{REPORT}.pdf"), start=1):
        assert "– DRAFT" in sheet, number
        assert NO_WORDS.findall(sheet) == [], number
    assert not (folder / "issue.json").exists()


def test_the_drafts_page_passes_the_audit_with_nothing_in_it(drafted):
    found = accessibility.check(drafted[2] / VARIANTS[0] / f"{REPORT}.html", 320)
    assert found == ([], [], 0)


def test_no_figure_that_was_not_supplied_is_a_zero(drafted):
    figures = duckdb.read_parquet(
        str(drafted[2] / VARIANTS[0] / "parquet" / "figures.parquet")
    ).df()
    known = figures["count"].notna() | figures["rate"].notna()
    assert (figures["missing_reason"].notna() == ~known).all()
    months = figures[figures["period_type"].eq("month") & figures["area_type"].eq("city")]
    gone = months["period_start"].astype("datetime64[ns]") >= "2026-01-01"
    assert months.loc[gone, "count"].isna().all()


def test_what_nobody_scored_is_not_ranked(drafted):
    for variant in VARIANTS:
        path = drafted[2] / variant / "parquet" / "ranking.parquet"
        ranking = duckdb.read_parquet(str(path)).df()
        assert len(ranking)
        assert ranking[["total", "rank"]].isna().all(axis=None)
