"""What is no fault of a partner is not laid at its door: a file is errored and tried again."""

import duckdb
import pytest

from orchestration import night
from orchestration.cli import summary
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.deliveries import ERRORED, PASSED, REFUSED, deliveries
from orchestration.ingest.readers.parse import draft, parse, reader_of
from orchestration.ingest.transports import open_source
from orchestration.protection.key_file import KeyFileError
from orchestration.quality import gate_one, quarantine
from tests.conftest import settings_at
from tests.support.fuzz import NAMES
from tests.support.made_up import column, load
from tests.unit.test_security import MAKERS

ROWS = 60_000
SMALL = {"threads": 1, "memory_limit": "8MB"}


def large(form: str) -> bytes:
    """A file of sound rows."""
    first, end = {"csv": (b"\n", b"\n"), "json": (b"[", b"]")}[form]
    empty = MAKERS[form](NAMES)
    one = empty[empty.index(first) + 1 : empty.rindex(end)].replace(b"v", b"v" * 60)
    between = b"," if form == "json" else b"\n"
    return empty[: empty.index(first) + 1] + between.join([one] * ROWS) + end


def contract_of(folder, form):
    dialect = {"encoding": "utf-8", "delimiter": ","} if form == "csv" else None
    columns = [column(name.lower(), name, required=True) for name in NAMES]
    return load(folder / "contracts", columns, format=form, dialect=dialect)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_that_there_is_no_memory_for_is_not_said_to_be_damaged(tmp_path, form):
    contract = contract_of(tmp_path, form)
    source = tmp_path / "delivered"
    source.write_bytes(large(form))
    with (
        duckdb.connect(config={**SMALL, "temp_directory": ""}) as connection,
        pytest.raises(duckdb.OutOfMemoryException),
    ):
        reader_of(form)(connection, contract, source)


@pytest.fixture
def landed(tmp_path):
    """Settings and contracts of a home in which two good files have landed."""
    contract = contract_of(tmp_path, "csv")
    source = tmp_path / "source"
    source.mkdir()
    for month in ("07", "08"):
        header, row = MAKERS["csv"](NAMES).splitlines()
        own = row.replace(b"v", f"v{month}".encode())
        (source / f"boats_2026-{month}.csv").write_bytes(b"\n".join((header, own, b"")))
    settings = settings_at(tmp_path / "home", source)
    contracts = {contract.feed: contract}
    pull.pull(settings, contracts, open_source(str(source)))
    return settings, contracts


def test_a_feed_whose_kind_of_period_changed_is_judged(landed, tmp_path):
    """Its old months had no quarter to be compared in, and every night ended there."""
    settings, contracts = landed
    night.gate_one(settings, contracts, print)
    quarters = {"period": {"kind": "quarter", "from": "name"}}
    pattern = r"boats_(?P<period>\d{4}-Q\d)\.csv"
    columns = [column(name.lower(), name, required=True) for name in NAMES]
    contract = load(tmp_path / "changed", columns, filePattern=pattern, **quarters)
    night.gate_one(settings, {contract.feed: contract}, print)
    states = [entry.state for entry in deliveries(settings, {contract.feed: contract})]
    assert states == [PASSED, PASSED]


def failing_with(problem):
    """Reading as it is, but for the file of July."""

    def drafted(settings, contract, receipt, engine, room):
        if receipt.period == "2026-07":
            raise problem
        return draft(settings, contract, receipt, engine, room)

    return drafted


def test_an_error_that_nobody_foresaw_stops_no_other_file(landed, monkeypatch):
    monkeypatch.setattr(gate_one, "draft", failing_with(IndexError("Jane Example")))
    found = night.gate_one(*landed, print)
    assert [entry.state for entry in deliveries(*landed)] == [ERRORED, PASSED]
    (errored,) = found.in_state(ERRORED)
    said = found.decided[errored].reason
    assert "not foreseen (IndexError in test_gate_one.py" in said
    assert "Jane" not in said


@pytest.mark.parametrize(
    "problem", [OSError("the disk is full"), KeyFileError("no key"), duckdb.IOException("full")]
)
def test_what_concerns_every_file_stops_the_night(landed, monkeypatch, problem):
    monkeypatch.setattr(gate_one, "draft", failing_with(problem))
    with pytest.raises(type(problem)):
        night.gate_one(*landed, print)


def test_a_file_that_there_is_no_memory_for_is_tried_again_and_the_others_go_on(
    tmp_path, monkeypatch
):
    contract = contract_of(tmp_path, "csv")
    source = tmp_path / "source"
    source.mkdir()
    (source / "boats_2026-07.csv").write_bytes(large("csv"))
    (source / "boats_2026-08.csv").write_bytes(MAKERS["csv"](NAMES))
    settings = settings_at(tmp_path / "home", source)
    contracts = {contract.feed: contract}
    pull.pull(settings, contracts, open_source(str(source)))

    def states():
        return [entry.state for entry in deliveries(settings, contracts)]

    def parsed(settings, contract, receipt, _engine):
        return parse(settings, contract, receipt, engine if receipt.period == "2026-07" else None)

    def drafted(settings, contract, receipt, own, room):
        if receipt.period == "2026-07":
            raise duckdb.OutOfMemoryException("none left")
        return draft(settings, contract, receipt, own, room)

    monkeypatch.chdir(tmp_path)
    with duckdb.connect(config=SMALL) as engine, monkeypatch.context() as patched:
        patched.setattr(gate_one, "parse", parsed)
        patched.setattr(gate_one, "draft", drafted)
        found = night.gate_one(settings, contracts, print)
    assert states() == [ERRORED, PASSED]
    (errored,) = found.in_state(ERRORED)
    assert "not enough memory" in found.decided[errored].reason
    assert not list(settings.quarantine.rglob("*.csv"))
    assert not list(tmp_path.glob(".*"))
    night.gate_one(settings, contracts, print)
    assert states() == [PASSED, PASSED]


BOATS = (
    "Area,Date seen,People,Rate",
    "Quay,{},3,1",
    "Quay,{},4,1",
    "Quay,{},many,1",
    "Quay,{},5,1",
)


def boats(tmp_path, **days):
    """A home in which files of boats have landed; `days` are the dates in the rows, by month."""
    contract = load(tmp_path / "contracts")
    source = tmp_path / "source"
    source.mkdir()
    for month, day in days.items():
        text = "\n".join(BOATS).format(*([day] * 4))
        (source / f"boats_2026-{month[1:]}.csv").write_text(text + "\n", encoding="utf-8")
    settings = settings_at(tmp_path / "home", source)
    contracts = {contract.feed: contract}
    pull.pull(settings, contracts, open_source(str(source)))
    said = []
    night.gate_one(settings, contracts, said.append)
    return settings, contracts, said


def test_a_row_that_breaks_a_rule_is_rejected_and_the_delivery_passes(tmp_path):
    settings, contracts, said = boats(tmp_path, m08="03/08/2026")
    (entry,) = deliveries(settings, contracts)
    assert (entry.state, entry.is_current) == (PASSED, True)
    assert entry.record.rejected == {"people_not_a_number": 1}
    assert [
        (rule["rule"], rule["severity"], rule["failing_rows"], rule["first_rows"])
        for rule in entry.record.rules
        if rule["outcome"] != "passed"
    ] == [("number:people", "row", 1, [4])]
    assert said == ["harbour/boats 2026-08: passed, 1 row rejected (people_not_a_number 1)"]
    known = summary.facts(settings, contracts)["rejected_rows"]
    assert [(entry["rows"], entry["of"], entry["reasons"]) for entry in known] == [
        (1, 4, {"people_not_a_number": 1})
    ]
    assert "1 row rejected in 1 delivery that passed" in summary.text(settings, contracts)


def test_a_file_of_which_most_rows_fail_is_refused_and_says_what_most_of_them_break(tmp_path):
    settings, contracts, _ = boats(tmp_path, m07="03/07/2026", m08="2026-08-03")
    good, bad = deliveries(settings, contracts)
    assert (good.state, bad.state) == (PASSED, REFUSED)
    assert bad.record.rule == "rejected_share"
    assert "column “Date seen” is written as agreed (dd/MM/yyyy) (4 rows)" in bad.record.reason
    assert not bad.record.rejected  # refused whole
    letter = (quarantine.folder_of(settings, bad.receipt) / "report.txt").read_text("utf-8")
    assert "[row] date:seen_on" in letter
