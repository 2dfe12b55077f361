"""`csp erase`: what it asks for, what it says, and that no value is ever said or taken as an argument."""

import csv
from dataclasses import replace

import dagster as dg
import pytest
from click.testing import CliRunner

from orchestration import night
from orchestration.cli.main import csp
from orchestration.defs import erased_runs
from orchestration.defs.instance import open_instance
from orchestration.erasure import Gone
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.transports import open_source
from orchestration.synthetic import sample
from tests.conftest import NOW, settings_at

FEED = "partnership/marac_cases"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A home with the MARAC cases of a year, and a person who is in them."""
    folder = tmp_path_factory.mktemp("erase")
    settings = settings_at(folder / "home")
    sample.write(settings, folder / "source", seed=7, months=12, only=[FEED])
    contracts = {FEED: night.contracts_of(settings)[FEED]}
    pull.pull(settings, contracts, open_source(str(folder / "source")))
    night.gate_one(settings, contracts, print)
    first = sorted((folder / "source").rglob("*.csv"))[0]
    key = next(column.header for column in contracts[FEED].columns if column.pseudonym)
    with first.open(encoding="utf-8-sig", newline="") as lines:
        person = next(csv.DictReader(lines))[key]
    return settings, person


@pytest.fixture
def run(served):
    settings, person = served

    def command(*words, given=None):
        environment = {"CSP_HOME": str(settings.home), "CSP_NOW": NOW}
        result = CliRunner().invoke(csp, ["erase", *words], input=given, env=environment)
        assert person not in result.output
        return result

    return command


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name one delivery, or say --person"),
        (("2026-Q1/001-0", "--person"), "name one delivery, or say --person"),
        (("--person",), "--ground"),
        (("--person", "--ground", "article_17"), "--by"),
        (("--person", "--ground", "article_17", "--by", "Data officer"), "--dry-run"),
        (("no/such/delivery", "--dry-run"), "no such delivery"),
        (("--person", "--dry-run"), "too short"),
    ],
)
def test_what_is_not_said_is_asked_for_in_one_sentence(run, words, said):
    result = run(*words, given="x\n")
    assert result.exit_code == 2
    assert said in result.output


def test_a_person_is_shown_erased_and_listed_without_a_value(run, served):
    settings, person = served
    before = receipts(settings)
    shown = run("--person", "--dry-run", given=f"{person}\n")
    assert shown.exit_code == 0, shown.output
    assert "Nothing was erased" in shown.output
    assert receipts(settings) == before
    who = ("--ground", "section_47", "--by", "Data protection officer", "--yes")
    done = run("--person", *who, given=f"{person}\n")
    assert done.exit_code == 0, done.output
    assert "section 47" in done.output
    assert "Tell partnership" in done.output
    assert any(one.replaces for one in receipts(settings))
    assert not [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and person.encode() in path.read_bytes()
    ]
    assert "by Data protection officer" in run("--list").output
    assert run("--person", *who, given=f"{person}\n").exit_code == 2


def test_dagsters_runs_that_name_it_go_with_their_traces_and_others_stay(served):
    settings, _ = served
    receipt = receipts(settings)[0]
    name = "Zebedee-Marchbanks.csv"
    gone = Gone(
        replace(receipt, source_path=f"in/{name}"), "refused", None, "the key “Zebedee” is new"
    )

    def job(text):
        @dg.op
        def says(context):
            context.log.info(text)

        @dg.job
        def told():
            says()

        return told

    with open_instance(settings) as instance:
        named = [
            job(text).execute_in_process(instance=instance).run_id
            for text in (f"read {name}", gone.reason, receipt.sha256)
        ]
        other = job("something else").execute_in_process(instance=instance).run_id
    assert erased_runs.forget(settings, [gone]) == erased_runs.Forgotten(3, is_clean=True)
    with open_instance(settings) as instance:
        assert [instance.has_run(run) for run in (*named, other)] == [False, False, False, True]
    for path in (settings.home / "dagster").rglob("*"):
        if path.is_file():
            assert b"Zebedee" not in path.read_bytes(), path.name
    assert erased_runs.forget(settings, [gone]).runs == 0
