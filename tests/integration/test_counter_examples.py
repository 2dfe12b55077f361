"""One spoiled delivery for every rule of every contract: the rule must find it, and a critical rule
must block. A rule without a counter-example fails this test, so no gate is decoration.

All spoiled copies of a feed go through its suite as deliveries of one batch, beside the good one; so
a rule that judged across deliveries would be found here as well.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pytest

from orchestration import extracts
from orchestration.contracts.content_rules import REPEATED
from orchestration.contracts.odcs import load_contracts, reason_sql
from orchestration.core.engine import connect
from orchestration.core.settings import PROJECT
from orchestration.ingest.readers.parse import parquet_path, parse
from orchestration.quality import known_areas, runner, together
from orchestration.quality.outcomes import ERRORED, FAILED, PASSED, RuleOutcome, overall
from orchestration.synthetic import sample
from tests.conftest import settings_at
from tests.support import staging_sql
from tests.support.alone import outcomes_alone
from tests.support.spoiled import BY_KIND, FOLDER, IDENTIFIERS, copies_of, entries_of, written

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
GOOD = "good"
FAR = 1_000_000  # what parts the row numbers of two copies


@dataclass(frozen=True)
class Judged:
    """One suite run over a good delivery and its spoiled copies.

    `outcomes` are the gate's, by rule; `found` the deliveries in which each rule found something.
    """

    copies: dict
    outcomes: dict[str, RuleOutcome]
    found: dict[str, set[str]]
    path: Path

    def broken_by(self, name):
        return {rule for rule, deliveries in self.found.items() if name in deliveries}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The newest delivery of every feed as Parquet; no gate has judged it yet."""
    folder = tmp_path_factory.mktemp("good")
    settings = settings_at(folder / "home", folder / "source")
    sample.write(settings, folder / "source", months=1)
    landed = extracts.pull(settings, CONTRACTS).landed
    for receipt in landed:
        parse(settings, CONTRACTS[receipt.feed], receipt)
    return {receipt.feed: parquet_path(settings, receipt) for receipt in landed}


@pytest.fixture(scope="module")
def judged(good, tmp_path_factory):
    """Suite runs by feed; each is made once."""
    made = {}

    def judge(feed):
        if feed not in made:
            made[feed] = _judge(feed, good[feed], tmp_path_factory.mktemp("copies"))
        return made[feed]

    return judge


def _judge(feed, parquet, folder):
    contract = CONTRACTS[feed]
    copies = {copy.name: copy for copy in copies_of(contract)}
    names = [GOOD, *copies]
    path = folder / "copies.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"create table good as select * replace (row_number() over (order by _row) as _row), "
            f"count(*) over () as _usual_rows, count(*) over () as _fewest_rows, "
            f"count(*) over () as _most_rows, 1e-6 as _chance_refused, "
            f"0.5 as _rejected_share, true as _is_due from '{parquet}'"
        )
        connection.execute("create table every_copy as from good limit 0")
        for number, name in enumerate(names):
            rows = copies[name].sql if name in copies else "from good"
            connection.execute(
                f"insert into every_copy select * replace ($name as _delivery, "
                f"{number * FAR} + row_number() over () as _row) from ({rows})",
                {"name": name},
            )
        connection.execute(f"copy every_copy to '{path}' (format parquet)")
    results, validate = {}, runner._validate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            runner,
            "_validate",
            lambda *args, **how: results.update(validate(*args, **how)) or results,
        )
        outcomes = runner.run_suite(
            "spoiled",
            f"select * from read_parquet('{path}')",
            contract.rules,
            row_column="_row",
            prepare=partial(known_areas.prepare, settings_at(folder / "home"), contract.rules),
        )
    return Judged(
        copies,
        {outcome.rule: outcome for outcome in outcomes},
        {rule: _deliveries(entry.result, names) for rule, entry in results.items()},
        path,
    )


def _deliveries(result, names):
    """The deliveries in which a rule found something: as rows of a query, of a key, or by number."""
    rows = list((result.get("details") or {}).get("unexpected_rows") or [])
    rows += [entry for entry in result.get("unexpected_list") or [] if isinstance(entry, dict)]
    index = result.get("unexpected_index_list") or []
    return {row["_delivery"] for row in rows} | {names[row["_row"] // FAR] for row in index}


def _staged(contract, run, folder):
    """What staging makes of every copy: rejected lines by reason, by copy."""
    month = None if contract.period_kind == "edition" else "2024-04"
    months = dict.fromkeys((GOOD, *run.copies), month)
    with staging_sql.stage(contract.feed, [run.path], months, folder) as connection:
        rows = connection.execute(
            "select delivery_id, reject_reason, count(distinct line_number) from staged "
            "where reject_reason is not null group by all"
        ).fetchall()
    found = {}
    for delivery, reason, lines in rows:
        found.setdefault(delivery, {})[reason] = lines
    return found


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_rejection_can_happen(feed, judged):
    """Nothing else refuses the delivery first."""
    run, contract = judged(feed), CONTRACTS[feed]
    critical = {rule.id for rule in contract.rules if rule.severity == "critical"}
    refused = {
        rule.id: [
            run.broken_by(name) & critical for name, c in run.copies.items() if c.rule == rule.id
        ]
        for rule in contract.rejecting
    }
    assert {rule: broken for rule, broken in refused.items() if all(broken)} == {}


@pytest.mark.parametrize("feed", [feed for feed, known in CONTRACTS.items() if known.rejecting])
def test_every_rule_that_rejects_rows_rejects_in_staging_what_gate_1_found(feed, judged, tmp_path):
    contract, run = CONTRACTS[feed], judged(feed)
    staged = _staged(contract, run, tmp_path)
    assert GOOD not in staged
    never = {
        rule.id
        for rule in contract.rejecting
        if not any(
            rule.rejects in staged.get(name, {})
            for name, copy in run.copies.items()
            if copy.rule == rule.id
        )
    }
    assert never == set()
    # The same rows with the same reasons, from one condition.
    with duckdb.connect() as connection:
        counted = connection.execute(
            f"select _delivery, reason, count(*) from (select _delivery, "
            f"{reason_sql(contract.rejecting)} as reason from '{run.path}') as judged "
            "where reason is not null group by all"
        ).fetchall()
    own = {rule.rejects for rule in contract.rejecting}
    assert {(d, r): n for d, r, n in counted} == {
        (d, r): n for d, reasons in staged.items() for r, n in reasons.items() if r in own
    }


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_rule_has_a_counter_example_and_every_entry_a_rule(feed):
    rules = [rule.id for rule in CONTRACTS[feed].rules]
    assert [
        rule for rule in rules if rule not in {copy.rule for copy in copies_of(CONTRACTS[feed])}
    ] == []
    assert [entry for entry in entries_of(CONTRACTS[feed]) if entry not in rules] == []


def test_every_entry_names_a_feed():
    partners = {contract.partner for contract in CONTRACTS.values()}
    files = {path.stem for path in FOLDER.glob("*.yaml")} - {"marts"}
    assert files <= partners
    assert [feed for name in files for feed in written(name) if feed not in CONTRACTS] == []


@pytest.mark.parametrize("feed", CONTRACTS)
def test_a_good_delivery_passes_every_rule(feed, judged):
    assert judged(feed).broken_by(GOOD) == set()


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_rule_finds_its_counter_example(feed, judged):
    run = judged(feed)
    missed = [copy.name for copy in run.copies.values() if copy.name not in run.found[copy.rule]]
    assert missed == []
    for rule in CONTRACTS[feed].rules:
        outcome = run.outcomes[rule.id]
        assert outcome.outcome == FAILED, outcome
        assert outcome.blocks == (rule.severity == "critical")
        assert overall([outcome]) == (FAILED if rule.severity == "critical" else PASSED)
    said = str(run.outcomes)
    assert not [value for value in (*IDENTIFIERS, *BY_KIND.values()) if value.strip("'") in said]


@pytest.mark.parametrize("feed", CONTRACTS)
def test_a_counter_example_spoils_no_more_than_it_must(feed, judged):
    run = judged(feed)
    rules = {rule.id: rule for rule in CONTRACTS[feed].rules}
    astray = {}
    for name, copy in run.copies.items():
        if copy.rule == REPEATED:  # one row, sixty times over, breaks whatever rule there is
            continue
        besides = run.broken_by(name) - {copy.rule} - copy.also
        if copy.column:  # whatever else looks at that column may find it too
            besides = {rule for rule in besides if copy.column not in str(rules[rule].kwargs)}
        idle = copy.also - run.broken_by(name)
        if besides or idle:
            astray[name] = (besides, idle)
    assert astray == {}


# How much the areas of a file overlap is a formula over a table, which the proof does not look into.
# A file of boundaries comes once a year.
OF_ONE_FILE = {"areas_do_not_overlap"}


def asked_alone(connection, delivery, rules):
    """The outcomes of rules that are asked of a delivery alone, which none but those named may be."""
    if others := {rule.id for rule in rules} - OF_ONE_FILE:
        pytest.fail(f"asked of a delivery alone: {sorted(others)}")
    rows = f"select * from every_copy where _delivery = '{delivery}'"
    return together.of_one(connection, rows, rules)


@pytest.mark.parametrize("feed", CONTRACTS)
def test_one_pass_says_of_every_copy_what_it_would_be_told_alone(feed, judged, tmp_path):
    """Equal outcomes in equal order, and no rule that has to be asked again."""
    contract, run = CONTRACTS[feed], judged(feed)
    names = (GOOD, *run.copies)
    with connect() as connection:
        known_areas.prepare(settings_at(tmp_path / "home"), contract.rules, connection)
        connection.execute(f"create table every_copy as from '{run.path}'")
        found = together.of_each(
            connection,
            "select * from every_copy",
            contract.rules,
            {name: partial(asked_alone, connection, name) for name in names},
        )
        astray = {}
        for name in names:
            connection.execute(
                "create or replace table one_copy as from every_copy where _delivery = $name",
                {"name": name},
            )
            # A plain condition on a row needs no proof, nor does the dearest rule, where nothing broke it.
            told = [
                outcome
                for rule, outcome in zip(contract.rules, found[name], strict=True)
                if name == GOOD
                or outcome.outcome != PASSED
                or rule.id in run.broken_by(name)
                or not (rule.condition or rule.id == "depersonalised")
            ]
            rules = [rule for rule in contract.rules if rule.id in {one.rule for one in told}]
            alone = outcomes_alone(connection, "select * from one_copy", rules)
            if told != alone:
                astray[name] = [
                    pair for pair in zip(told, alone, strict=True) if pair[0] != pair[1]
                ]
        assert astray == {}
        # And what Great Expectations says of one of them, of those that break most.
        worst = max(names, key=lambda name: len(run.broken_by(name)))
        rows = f"select * from every_copy where _delivery = '{worst}'"
        alone = runner.run_suite(
            "alone", rows, contract.rules, row_column="_row", connection=connection
        )
        assert found[worst] == alone
        assert together.of_one(connection, rows, contract.rules) == alone


def test_a_rule_that_cannot_run_is_errored_and_not_failed():
    from orchestration.contracts.odcs import Rule

    broken = Rule(
        "broken", "info", "expect_column_values_to_not_be_null", {"column": "no_such"}, "words"
    )
    (outcome,) = runner.run_suite("broken", "select 1 as a", [broken])
    assert outcome.outcome == ERRORED
    assert outcome.blocks
