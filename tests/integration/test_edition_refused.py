"""Nothing is issued that is stale, tampered with, unjudged or unsigned; what was issued stays as it is."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import duckdb
import pandas as pd
import pytest

from orchestration import extracts, night
from orchestration.core import register
from orchestration.core.files import write_json
from orchestration.disclosure import control
from orchestration.edition import candidate as candidates
from orchestration.edition import issue
from orchestration.edition.freeze import EditionRefused
from orchestration.edition.gate.verdict import read_verdict, write_verdict
from tests.conftest import settings_at
from tests.support import editions
from tests.support.commands import REFUSED, USAGE, csp
from tests.support.editions import FIRST, PUBLIC, SECOND, SENSITIVE

ROOMS = ("landing", "raw", ".published", "published", "editions", "assessments")


@pytest.fixture
def home(issued_home, tmp_path):
    """A copy of the home that a test may spoil."""
    return editions.linked(issued_home.home, tmp_path / "home", *ROOMS)


def held_by(home, *more):
    """The reasons of a HOLD that `csp assess` prints, after everything else about it was held to."""
    before = editions.editions_of(home)
    answer = csp("assess", SECOND, *more, home=home)
    assert answer.code == REFUSED, answer.text
    head, *lines = answer.text.splitlines()
    reasons = [line.strip() for line in lines]
    assert head.startswith("Gate 3  HOLD: ")
    line = answer.error.splitlines()[-1]
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    assert line == f"Error: not issued: {reasons[0]}{more}"
    assert editions.editions_of(home) == before
    return reasons


def held(settings, year=SECOND):
    """The reasons of a HOLD, without the command; nothing that was issued has changed."""
    before = editions.editions_of(settings.home)
    verdict = editions.judge(settings, year)
    assert not verdict.allow
    assert editions.editions_of(settings.home) == before
    return list(verdict.reasons)


def test_a_publication_older_than_the_deliveries_is_refused(home, issued_home, tmp_path):
    source = tmp_path / "source"
    newest = sorted((issued_home.sample / "council").glob("asb_cases_2025-*.csv"))[0]
    editions.put(source / "SYNTHETIC.json", (issued_home.sample / "SYNTHETIC.json").read_bytes())
    editions.put(
        source / "council" / newest.name, b"".join(newest.read_bytes().splitlines(True)[:-1])
    )
    settings = settings_at(home, source)
    landed = extracts.pull(settings, night.contracts_of(settings)).landed
    assert [receipt.feed for receipt in landed] == ["council/asb_cases"]
    assert held_by(home, "--sign-off", editions.CHAIR) == [
        "fresh: what is published was not built from today's deliveries, contracts and code; "
        "refresh first"
    ]


def tampered(home, statement):
    """Change the published database behind the warehouse's back; return its folder."""
    folder = (home / "published").resolve()
    database = folder / "warehouse.duckdb"
    editions.put(database, database.read_bytes())
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)
    return folder


LOSE_A_ROW = (
    "update governance.reconciliation set unexplained_difference = 1 "
    "where feed = 'fire/incidents' and period = '2025-06'"
)


def test_rows_that_are_not_accounted_for_and_a_database_that_was_changed_are_refused(home):
    """Each for itself: rows are counted in the database, whatever its manifest says."""
    tampered(home, LOSE_A_ROW)
    reasons = held(settings_at(home))
    assert any(
        reason.startswith("reconciliation: fire/incidents: 1 of ")
        and reason.endswith("have rows that are not accounted for")
        for reason in reasons
    ), reasons
    assert any(reason.startswith("gate_2: governance_reconciliation: ") for reason in reasons)
    assert "gate_2: the database that was judged is not the one that its manifest names" in reasons


def test_a_refresh_without_the_assessments_it_builds_on_and_a_year_that_is_not_over(home):
    shutil.rmtree(home / "editions" / FIRST)
    shutil.rmtree(home / "editions" / SECOND)
    reasons = held(settings_at(home), "2026-27")
    for wanted in (
        f"cycle: a refresh needs the full assessment of {FIRST}, which was not issued",
        f"cycle: the assessment of {SECOND} was not issued, so there is none to compare with",
    ):
        assert wanted in reasons
    (months,) = [r for r in reasons if r.startswith("completeness: police/street_crime: ")]
    assert "March 2027" in months


def test_control_that_cannot_keep_its_rules_is_refused(home, tmp_path):
    """A rule that wants more doubt than hiding a count of 1 to 7 can leave."""
    project = editions.checkout(tmp_path / "project")
    register = project / "seeds" / "register" / "disclosure_rules.csv"
    rules = pd.read_csv(register, dtype=str, keep_default_na=False)
    rules.loc[rules["suppress_to"].ne("0"), "least_width"] = "50"
    rules.to_csv(register, index=False, lineterminator="\n")
    before = editions.editions_of(home)
    with pytest.raises(EditionRefused, match=r"^disclosure control: [^\n]+$"):
        editions.judge(replace(settings_at(home), project=project), SECOND)
    assert editions.editions_of(home) == before


@pytest.fixture(scope="module")
def frozen(issued_home):
    """The frozen tables of 2025-26, as they were published and as they were, and what to hold them to."""
    parts = {"changes", "checklist", "ranking", "gates", "waivers", "commentary"}
    folder = issued_home.editions / SECOND / "v1"

    def tables(variant):
        found = {}
        for path in sorted((folder / variant / "parquet").glob("*.parquet")):
            if path.stem not in parts:
                found[path.stem] = duckdb.read_parquet(str(path)).df()
        return found

    public, true = tables(PUBLIC), control.unmarked(tables(SENSITIVE))
    earlier = issued_home.editions / FIRST / "v1"
    path = "parquet/figures.parquet"
    previous = control.Previous(
        *(duckdb.read_parquet(str(earlier / name / path)).df() for name in (PUBLIC, SENSITIVE))
    )
    return public, true, control.rules_in(register.assemble(issued_home)), previous


def test_the_frozen_public_edition_gives_nothing_away(frozen):
    found = control.audit(*frozen)
    assert found.findings.empty, found.findings
    assert found.attacked > 100


def test_the_audit_finds_a_count_that_slipped_into_the_public_edition(frozen):
    public, true, rules, previous = frozen
    figures = public["figures"].copy()
    small = true["figures"]["count"].between(1, 4)
    key = ["measure_id", "area_type", "area_code", "period_type", "period_start"]
    hidden = figures[figures["suppressed"].eq("small")].merge(
        true["figures"][small][[*key, "count"]], on=key, suffixes=("", "_true")
    )
    one = hidden.iloc[0]
    row = (figures[key] == one[key]).all(axis=1)
    assert row.sum() == 1
    figures.loc[row, ["count", "suppressed"]] = [one["count_true"], None]
    found = control.audit({**public, "figures": figures}, true, rules, previous)
    assert not found.passed
    assert any(one["measure_id"] in cell for cell in found.findings["cell"])


def test_without_a_sign_off_nothing_is_issued(home):
    before = editions.editions_of(home)
    answer = csp("assess", SECOND, home=home)
    assert answer.code == REFUSED
    assert answer.text.startswith("Gate 3  ALLOW: ")
    assert answer.error.endswith(
        "Error: not issued: nobody has signed it off; add --sign-off NAME\n"
    )
    assert editions.editions_of(home) == before


def test_years_and_homes_that_cannot_be_assessed(home, tmp_path):
    unknown = csp("assess", "2031-32", "--sign-off", editions.CHAIR, home=home)
    assert unknown.code == USAGE
    assert unknown.is_one_sentence("2031-32 is not a year of the strategy", SECOND)
    empty = csp("assess", SECOND, home=tmp_path / "empty")
    assert empty.code == REFUSED
    assert empty.is_one_sentence("not issued: nothing is published yet; run csp refresh first")
    nothing = csp("assess", "2026-27", "--reissue", "A reason of many words.", home=home)
    assert nothing.code == REFUSED
    assert nothing.is_one_sentence("2026-27 was never issued, so there is nothing to reissue")


@pytest.fixture(scope="module")
def allowed(issued_home, tmp_path_factory):
    """A home whose candidate of 2025-26 gate 3 has just allowed."""
    home = tmp_path_factory.mktemp("allowed") / "home"
    settings = settings_at(editions.linked(issued_home.home, home, *ROOMS))
    assert editions.judge(settings, SECOND).allow
    return settings


def refused(settings, name=editions.CHAIR):
    """Why `issue` refuses; nothing that was issued has changed."""
    before = editions.editions_of(settings.home)
    with pytest.raises(EditionRefused) as told:
        issue.issue(settings, SECOND, editions.signed(settings, name))
    assert editions.editions_of(settings.home) == before
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.fixture
def allowed_copy(allowed, tmp_path):
    return replace(allowed, home=editions.linked(allowed.home, tmp_path / "home", *ROOMS))


def test_the_release_refuses_without_a_name(allowed_copy):
    assert "nobody has signed it off" in refused(allowed_copy, " ")
    assert "signs for nobody" in refused(allowed_copy, "\u200b")


def test_the_release_refuses_without_a_candidate(allowed_copy):
    (allowed_copy.editions / ".candidate" / f"{SECOND}.json").unlink()
    assert refused(allowed_copy) == f"there is no candidate of {SECOND}; gate 3 has not run"


def test_the_release_refuses_without_a_verdict(allowed_copy):
    candidates.verdict_path(allowed_copy, SECOND).unlink()
    assert "gate 3 has not run" in refused(allowed_copy)


def test_the_release_refuses_a_verdict_that_cannot_be_believed(allowed_copy):
    path = candidates.verdict_path(allowed_copy, SECOND)
    written = json.loads(path.read_text(encoding="utf-8"))
    for forged in ({**written, "findings": []}, {**written, "reasons": ["x: no"]}, {}, []):
        write_json(path, forged)
        assert "gate 3 has not run" in refused(allowed_copy)


def test_the_release_refuses_a_verdict_on_another_candidate(allowed_copy):
    path = candidates.verdict_path(allowed_copy, SECOND)
    verdict = read_verdict(path)
    write_verdict(path, replace(verdict, fingerprint="0" * 64))
    assert refused(allowed_copy) == "the verdict is on another build; gate 3 must run again"


def test_the_release_refuses_gates_of_another_candidate(allowed_copy):
    path = candidates.gates_path(allowed_copy, SECOND)
    written = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {**written, "fingerprint": "0" * 64})
    assert refused(allowed_copy) == (
        "the outcomes of gate 3 are of another candidate; it must run again"
    )


def test_the_release_refuses_when_something_was_delivered_since_the_verdict(
    allowed_copy, issued_home, tmp_path
):
    """The release alone, on a day on which the night has not run yet."""
    newest = sorted((issued_home.sample / "council").glob("asb_cases_2025-*.csv"))[0]
    source = tmp_path / "source"
    editions.put(source / "SYNTHETIC.json", (issued_home.sample / "SYNTHETIC.json").read_bytes())
    editions.put(source / "council" / newest.name, newest.read_bytes()[:-1])
    settings = settings_at(allowed_copy.home, source)
    assert len(extracts.pull(settings, night.contracts_of(settings)).landed) == 1
    assert refused(settings) == "deliveries came or went since the publication; refresh first"


def test_the_release_refuses_a_verdict_of_another_day(allowed_copy):
    """Agreements and waivers end by the day."""
    tomorrow = replace(allowed_copy, now=allowed_copy.now + timedelta(days=1))
    assert refused(tomorrow) == "the outcomes of gate 3 are of another day; it must run again"
    yesterday = replace(allowed_copy, now=allowed_copy.now - timedelta(days=1))
    assert refused(yesterday) == "deliveries came or went since the publication; refresh first"


@pytest.mark.parametrize("change", ["words", "publication", "earlier edition"])
def test_whatever_changes_after_the_verdict_is_refused(allowed_copy, change):
    home = allowed_copy.home
    path = {
        "words": home / "assessments" / SECOND / "commentary" / "county_lines.md",
        "publication": (home / "published").resolve() / "manifest.json",
        "earlier edition": home / "editions" / FIRST / "v1" / PUBLIC / "manifest.json",
    }[change]
    content = path.read_text(encoding="utf-8")
    if change == "publication":
        manifest = json.loads(content)
        manifest["inputs"] = "0" * 64
        content = json.dumps(manifest)
    editions.put(path, f"{content}\n".encode())
    assert refused(allowed_copy) == (
        "the candidate is not what would be issued now; gate 3 must run again"
    )


def test_a_database_that_changes_after_the_verdict_is_refused(allowed_copy):
    tampered(allowed_copy.home, LOSE_A_ROW)
    assert refused(allowed_copy) == "the published database is not the one that its manifest names"
