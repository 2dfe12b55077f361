"""Anomalies: each kind is found in a spoilt delivery, and nothing is found in its good neighbours."""

from dataclasses import replace

import duckdb
import pytest

from orchestration import extracts, night
from orchestration.contracts.odcs import ContractError
from orchestration.ingest.landing.deliveries import PASSED, REFUSED
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import parquet_path
from orchestration.quality import anomalies
from tests.conftest import settings_at
from tests.support import made_up

MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)]
KINDS = ("sailing", "rowing", "motor")
COLUMNS = (
    made_up.column(
        "kind", "Kind", required=True,
        logicalTypeOptions={}, enum=[{"value": kind} for kind in KINDS],
    ),
    made_up.column(
        "seen_on", "Seen", "date", logicalTypeOptions={"format": "dd/MM/yyyy"}, required=True
    ),
    made_up.column("ward_code", "Ward"),
    made_up.column("name", "Name"),
)  # fmt: skip
# A month of 200 boats: one of the columns is spoilt by a test.
GOOD = {
    "kind": "['sailing', 'rowing', 'motor'][1 + i % 3]",
    "seen_on": "strftime(first + (i % 28)::integer, '%d/%m/%Y')",
    "ward_code": "case when i % 20 = 0 then null else 'W' || (i % 7) end",
    "name": "'boat ' || i || ' ' || first",
}

ENGINE = duckdb.connect(config={"threads": 1})


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home", now="2026-02-01")


@pytest.fixture
def contract(tmp_path):
    return contract_of(tmp_path)


def contract_of(folder, **anomaly):
    columns = [{**entry} for entry in COLUMNS]
    columns[0].pop("logicalTypeOptions")
    return made_up.load(folder, columns, anomaly=anomaly or None)


def deliver(settings, contract, period, count=200, received=None, seq=1, **spoilt):
    """A parsed delivery of a month: `count` rows, columns as in GOOD but for the spoilt ones."""
    receipt = Receipt(
        contract.feed, period, "", seq, f"{period}-{seq:03d}-x", 1, "boats.csv", 0.0,
        f"{received or '2026-01-15'}T02:00:00+00:00", False, ".csv",
    )  # fmt: skip
    path = parquet_path(settings, receipt)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"{sql} as {name}" for name, sql in (GOOD | spoilt).items())
    ENGINE.execute(
        f"copy (select '{receipt.delivery_id}' as _delivery, '{period}' as _period, "
        f"'' as _part, i + 2 as _row, {columns} from (select i, date '{period}-01' as first "
        f"from range({count}) as numbers(i))) to '{path}' (format parquet)"
    )
    return receipt


def found(settings, contract, last, others):
    """The outcomes of the last delivery by kind, held to the earlier ones."""
    outcomes = anomalies.judge(settings, contract, [last], others)
    return {o.rule.removeprefix("anomaly:"): o for o in outcomes.get(last, [])}


def test_a_history_in_one_night_is_judged_and_sound(home, contract):
    history = [deliver(home, contract, month) for month in MONTHS]
    outcomes = anomalies.judge(home, contract, history, [])
    assert set(outcomes) == set(history)
    kinds = {o.rule for told in outcomes.values() for o in told}
    assert kinds == {
        f"anomaly:{kind}"
        for kind in (
            "rows", "location", "codes", "mix", "repeats", "end", "days", "places", "values", "blanks",
        )
    }  # fmt: skip
    assert {o.outcome for told in outcomes.values() for o in told} == {PASSED}


@pytest.mark.parametrize(
    ("kind", "spoilt", "words"),
    [
        ("rows", {"count": 60}, "70 % fewer rows than 35 other deliveries make usual for the time"),
        ("rows", {"count": 500}, "150 % more rows than"),
        (
            "location",
            {"ward_code": "case when i % 3 = 0 then null else 'W' || (i % 7) end"},
            "34 % of rows are without a location, where 5 % are usual",
        ),
        ("codes", {"ward_code": "case when i % 4 = 0 then 'V9' else 'W1' end"}, "25 % of rows"),
        ("mix", {"kind": "case when i % 9 = 0 then 'motor' else 'rowing' end"}, "another “kind”"),
        (
            "repeats",
            {"name": "'the same'", "ward_code": "'W1'"},
            "of rows repeat another, where 0 % are usual",
        ),
        ("rows", {"count": 120}, "40 % fewer rows than 35 other deliveries make usual"),
        (
            "blanks",
            {"name": "null"},
            "column “name” is blank in 100 % of rows, where 0 % are usual",
        ),
        (
            "places",
            {"ward_code": "case when i % 20 = 0 then null else 'W' || (i % 6) end"},
            "1 of 7 places have hardly any rows, where 26 rows are usual for them",
        ),
        (
            "days",
            {"seen_on": "strftime(first + (7 + i % 21)::integer, '%d/%m/%Y')"},
            "no row for 7 days in a row",
        ),
        (
            "values",
            {"kind": "['sailing', 'rowing', 'sailing'][1 + i % 3]"},
            "one value of “kind” has",
        ),
        ("end", {"seen_on": "strftime(first + (i % 20)::integer, '%d/%m/%Y')"}, "no event in the"),
    ],
)
def test_what_is_unusual_is_found_and_said_without_a_value(home, contract, kind, spoilt, words):
    others = [deliver(home, contract, month) for month in MONTHS[:-1]]
    outcome = found(home, contract, deliver(home, contract, MONTHS[-1], **spoilt), others)[kind]
    assert (outcome.outcome, outcome.severity, outcome.blocks) == ("failed", "warning", False)
    assert words in outcome.sentence
    assert not [value for value in ("boat", "V9", "W1", "rowing") if value in outcome.sentence]


def test_a_column_mostly_filled_that_is_suddenly_blank_is_refused_where_the_contract_says(
    home, tmp_path
):
    """A join lost in an export: blank in 2 rows of 100, and then in all of them."""
    contract = contract_of(tmp_path, blanks="critical")
    mostly = {"name": "case when i % 50 = 0 then null else 'boat ' || i end"}
    others = [deliver(home, contract, month, **mostly) for month in MONTHS[:-1]]
    sound = found(home, contract, deliver(home, contract, MONTHS[-1], **mostly), others)
    assert sound["blanks"].outcome == PASSED
    emptied = found(home, contract, deliver(home, contract, MONTHS[-1], name="null"), others)
    assert emptied["blanks"].blocks
    assert "is blank in 100 % of rows, where 2 % are usual" in emptied["blanks"].sentence


def test_a_table_of_as_many_rows_each_time_is_held_to_that_number(home, contract):
    """Eight lines a quarter are no count of events, to which chance could add or take away."""
    others = [deliver(home, contract, month, count=8) for month in MONTHS[:-1]]
    assert (
        found(home, contract, deliver(home, contract, MONTHS[-1], count=8), others)["rows"].outcome
        == PASSED
    )
    short = found(home, contract, deliver(home, contract, MONTHS[-1], count=7), others)
    assert short["rows"].outcome == "failed"


def test_places_that_are_suddenly_always_there_are_unusual_too(home, contract):
    """Rows without a place may have been left out."""
    blank = {"ward_code": "case when i % 5 = 0 then null else 'W' || (i % 7) end"}
    others = [deliver(home, contract, month, **blank) for month in MONTHS[:-1]]
    last = deliver(home, contract, MONTHS[-1], ward_code="'W' || (i % 7)")
    assert found(home, contract, last, others)["location"].outcome == "failed"


def test_a_delivery_that_took_longer_than_usual_is_found(home, contract):
    others = [
        deliver(home, contract, month, received=f"{MONTHS[MONTHS.index(month) + 1]}-10")
        for month in MONTHS[20:-1]
    ]
    late = deliver(home, contract, MONTHS[-1], received="2026-03-28")
    outcome = found(home, contract, late, others)["lag"]
    assert (outcome.outcome, outcome.severity) == ("failed", "info")
    in_turn = deliver(home, contract, MONTHS[-1], received="2026-01-10", seq=1)
    assert found(home, contract, in_turn, others)["lag"].outcome == PASSED
    # A catch-up in one day, or a correction, says nothing of the time that a delivery takes.
    caught_up = [replace(r, received_at="2026-03-28T02:00:00+00:00") for r in others]
    assert "lag" not in found(home, contract, late, caught_up)
    assert "lag" not in found(home, contract, deliver(home, contract, MONTHS[-1], seq=2), others)


def test_what_has_no_measure_yet_has_no_outcome(home, contract):
    first = deliver(home, contract, MONTHS[0])
    outcomes = found(home, contract, first, [])
    assert set(outcomes) == {"rows"}
    assert outcomes["rows"].outcome == PASSED
    assert "is not judged: there are too few other deliveries" in outcomes["rows"].sentence
    few = [deliver(home, contract, month, count=5) for month in MONTHS]
    told = anomalies.judge(home, contract, few[:3], [])
    assert {(o.rule, o.outcome) for outcomes in told.values() for o in outcomes} == {
        ("anomaly:rows", PASSED)
    }
    assert "is not judged" in told[few[0]][0].sentence


def test_an_earlier_delivery_of_the_same_month_is_no_neighbour(home, contract):
    others = [deliver(home, contract, month) for month in MONTHS]
    corrected = deliver(
        home, contract, MONTHS[-1], seq=2, ward_code="case when i % 4 = 0 then 'V9' else 'W1' end"
    )
    deliver(home, contract, MONTHS[-1], ward_code="case when i % 4 = 0 then 'V9' else 'W1' end")
    assert found(home, contract, corrected, others)["codes"].outcome == "failed"


def test_kinds_are_switched_off_and_columns_named_by_contract(home, tmp_path):
    contract = contract_of(tmp_path, rows="off", end=False, mixColumns=[], locationColumns="name")
    others = [deliver(home, contract, month) for month in MONTHS[:-1]]
    last = deliver(home, contract, MONTHS[-1], count=60, name="null")
    outcomes = found(home, contract, last, others)
    assert {"rows", "end", "mix"} & set(outcomes) == set()
    assert outcomes["location"].outcome == "failed"


@pytest.mark.parametrize(
    ("anomaly", "words"),
    [
        ({"row": "critical"}, "unknown key 'row' in anomaly; did you mean rows"),
        ({"rows": "loud"}, "severity of anomaly rows 'loud' is not known"),
        ({"codeColumns": "word_code"}, "unknown key 'word_code' in codeColumns of anomaly"),
        ({"eventColumn": "name"}, "eventColumn name is not a column of dates"),
        ({"eventColumn": ["seen_on", "kind"]}, "eventColumn is one column"),
    ],
)
def test_a_contract_that_says_it_otherwise_is_refused(tmp_path, anomaly, words):
    with pytest.raises(ContractError, match=words):
        contract_of(tmp_path, **anomaly)


def test_only_a_critical_anomaly_has_the_gate_refuse_a_delivery(tmp_path):
    """Through the real landing, parser and gate, with the contract's word as the only difference."""
    for severity, state in (("critical", REFUSED), ("warning", PASSED)):
        contract = contract_of(tmp_path / severity, rows=severity)
        source = tmp_path / severity / "source"
        source.mkdir()
        for month in MONTHS[-8:]:
            rows = [
                f"{KINDS[i % 3]},{1 + i % 28:02d}/{month[5:]}/{month[:4]},W{i % 7},x{i}"
                for i in range(99)
            ]
            kept = rows if month < "2025-12" else rows[:31]
            (source / f"boats_{month}.csv").write_text(
                "\n".join(["Kind,Seen,Ward,Name", *kept]) + "\n", encoding="utf-8"
            )
        settings = settings_at(tmp_path / severity / "home", source, now="2026-02-01")
        feeds = {contract.feed: contract}
        with night.alone(settings):
            extracts.pull(settings, feeds)
            decided = night.gate_one(settings, feeds, lambda line: None).decided
        states = {receipt.period: record for receipt, record in decided.items()}
        assert states["2025-12"].state == state
        assert {states[month].state for month in MONTHS[-8:-1]} == {PASSED}
        if state == REFUSED:
            assert states["2025-12"].rule == "anomaly:rows"
            assert "69 % fewer rows" in states["2025-12"].reason
