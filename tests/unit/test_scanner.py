"""The scanner stops a delivery before anything of it is in raw, names column and rows, never a value."""

import csv
import io

import duckdb
import pytest

from orchestration.contracts.model import PERSONAL_KINDS
from orchestration.contracts.personal_data import may_hold, plain
from orchestration.core.files import write_json
from orchestration.core.refusal import Refusal
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.deliveries import Record
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import parquet_path, parse
from orchestration.ingest.transports import SYNTHETIC_MARKER, open_source
from orchestration.protection import scanner
from orchestration.quality import gate_one
from tests.conftest import settings_at
from tests.support.made_up import column, custom, load
from tests.unit.test_personal_data import HARMLESS, PERSONAL

NOTES = (column("notes", "Notes"), column("ref", "Ref", logicalTypeOptions={"pattern": ".*"}))


def delivered(folder, contract, rows) -> tuple:
    """Settings, and the receipt of a delivery of these rows (by header)."""
    text = io.StringIO()
    writer = csv.DictWriter(
        text, [entry.header for entry in contract.columns], quoting=csv.QUOTE_ALL
    )
    writer.writeheader()
    writer.writerows(rows)
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "boats_2026-08.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
    settings = settings_at(folder / "home", source)
    (receipt,) = pull.pull(settings, {contract.feed: contract}, open_source(str(source))).landed
    return settings, receipt


def refused(folder, contract, rows) -> tuple[Refusal, str]:
    """The refusal of such a delivery, and all text that stands anywhere in raw."""
    settings, receipt = delivered(folder, contract, rows)
    with pytest.raises(Refusal) as caught:
        parse(settings, contract, receipt)
    assert not parquet_path(settings, receipt).exists()
    left = [path for path in settings.raw.rglob("*") if path.is_file()]
    assert left == []
    return caught.value


def read(settings, receipt: Receipt):
    return duckdb.sql(f"from read_parquet('{parquet_path(settings, receipt)}')")


@pytest.mark.parametrize("kind", PERSONAL_KINDS)
@pytest.mark.parametrize("header", ["Notes", "Ref"])
def test_personal_data_in_any_text_column_stops_the_delivery(tmp_path, kind, header):
    contract = load(tmp_path / "contracts", NOTES)
    other = "Ref" if header == "Notes" else "Notes"
    values = ["fine", *PERSONAL[kind], "fine too"]
    problem = refused(tmp_path, contract, [{header: value, other: "x"} for value in values])
    assert problem.rule == "depersonalised"
    assert f"column “{header}” holds" in problem.sentence
    # No more than twenty rows are named.
    assert problem.rows == tuple(range(3, 3 + min(len(PERSONAL[kind]), 20)))
    assert f"({len(PERSONAL[kind])} rows)" in problem.sentence
    assert not [value for value in PERSONAL[kind] if value in f"{problem.sentence} {problem.rows}"]


def test_a_column_of_numbers_is_refused_where_most_are_telephone_numbers(tmp_path):
    contract = load(tmp_path / "contracts", (column("people", "People", "integer"),))
    rows = [{"People": value} for value in ("07700900123", "07700900124", "+447700900125", "12")]
    problem = refused(tmp_path, contract, rows)
    assert "column “People” holds a telephone number (3 rows)" in problem.sentence


def test_what_is_harmless_is_stored(tmp_path):
    contract = load(tmp_path / "contracts", NOTES)
    values = [value for value in HARMLESS if value and value != "12/06/2025"]
    rows = [{"Notes": value, "Ref": value} for value in values]
    settings, receipt = delivered(tmp_path, contract, rows)
    assert parse(settings, contract, receipt).rows == len(values)
    assert [row[0] for row in read(settings, receipt).select("notes").fetchall()] == values


# Digits and letters that a form could take for its own, at either end of a hash and in a row.
IN_A_HASH = (
    "07700900123", "a07700900123b", "4010232137", "a4010232137", "ab123456c", "01021985", "de55aa",
    "adebeccafade", "1234567890123",
)  # fmt: skip


@pytest.mark.parametrize("kind", PERSONAL_KINDS)
def test_no_form_of_personal_data_fits_into_a_hash(kind):
    """So nothing is lost by not looking at hashes."""
    hashes = [
        *(part.ljust(64, "a") for part in IN_A_HASH),
        *(part.rjust(64, "b") for part in IN_A_HASH),
        *((part * 64)[:64] for part in (*IN_A_HASH, "0", "1", "f")),
    ]
    rows = (
        "(select sha256(number::varchar) as value from range(5000) as numbers(number) union all "
        + ("select unnest($hashes))")
    )
    found = duckdb.execute(
        f"select count(*) from {rows} where {may_hold(kind, plain('value'))}", {"hashes": hashes}
    ).fetchone()
    assert found == (0,)


@pytest.mark.parametrize("value", ["Mrs Jane Smith ".ljust(64, "a"), " 07700900123".rjust(64, "f")])
def test_only_what_is_a_hash_from_end_to_end_is_not_looked_at(tmp_path, value):
    assert len(value) == 64
    contract = load(tmp_path / "contracts", NOTES)
    refused(tmp_path, contract, [{"Notes": "a" * 64, "Ref": "x"}, {"Notes": value, "Ref": "x"}])


def test_a_column_of_birthdays_is_found_where_no_days_were_agreed(tmp_path):
    seen = column("seen_on", "Seen", "date", logicalTypeOptions={"format": "dd/MM/yyyy"})
    contract = load(tmp_path / "contracts", (column("notes", "Notes"), seen))
    for number, value in enumerate(
        [
            "12/03/1980",
            "1980-03-12",
            "1980-03-12 00:00:00",
            "12 Mar 1980",
            "12-MAR-1980",
            "1980-03-12T00:00:00.000Z",
            "1980-06-11T23:00:00Z",
            "1980/03/12",
            "12/03/80",
            "12-Mar-80",
            "12/03/61",
            "12\u201103\u20111980",
        ]
    ):
        rows = [{"Notes": "x", "Seen": "01/08/2026"}, {"Notes": value, "Seen": "01/08/2026"}]
        problem = refused(tmp_path / str(number), contract, rows)
        assert "column “Notes” holds a date of birth (1 row)" in problem.sentence
        assert problem.rows == (3,)
    # A day of our time, a day in a sentence, and old days where days were agreed are none.
    rows = [
        {"Notes": "12/06/2025", "Seen": "12/03/1980"},
        {"Notes": "since 12/03/1980", "Seen": None},
        {"Notes": "12/06/25", "Seen": "1980-03-12"},
        {"Notes": "31/03/28", "Seen": None},
        {"Notes": "12/2019/20", "Seen": None},
    ]
    settings, receipt = delivered(tmp_path / "fine", contract, rows)
    assert parse(settings, contract, receipt).rows == 5


def test_a_column_of_numbers_is_refused_where_most_are_nhs_numbers(tmp_path):
    contract = load(tmp_path / "contracts", (column("people", "People", "integer"),))
    valid = ["9434765919", "9876544322", "4010232137"]
    problem = refused(tmp_path, contract, [{"People": value} for value in [*valid, "12"]])
    assert "column “People” holds an NHS number (3 rows)" in problem.sentence
    rows = [{"People": value} for value in ["9434765919", "4000000001", "4000000002", "12"]]
    settings, receipt = delivered(tmp_path / "by_chance", contract, rows)
    assert parse(settings, contract, receipt).rows == 4


@pytest.mark.parametrize("kind", PERSONAL_KINDS)
@pytest.mark.parametrize("header", ["Seen", "People", "Sort"])
def test_what_is_not_written_as_agreed_is_looked_at_in_columns_of_days_numbers_and_codes(
    tmp_path, header, kind
):
    """Gate 1 only warns of them where a column may be blank, and judges what is in raw already."""
    contract = load(
        tmp_path / "contracts",
        (
            column("seen_on", "Seen", "date", logicalTypeOptions={"format": "dd/MM/yyyy"}),
            column("people", "People", "integer", customProperties=custom(markers={"Mr Nil": "zero"})),
            column("sort", "Sort", enum=[{"value": "ST4 1AA"}]),
        ),
    )  # fmt: skip
    fine = {"Seen": "12/03/1980", "People": "9434765919", "Sort": "ST4 1AA"}
    # Whole numbers are read as such, and days as days.
    personal = next(v for v in PERSONAL[kind] if not v.isdecimal() and v != fine[header])
    problem = refused(tmp_path, contract, [fine, {**fine, header: personal}])
    assert f"column “{header}” holds" in problem.sentence
    assert problem.rows == (3,)
    rows = [fine, {"Seen": "1980-03-12", "People": "Mr Nil", "Sort": None}, {"People": "not known"}]
    settings, receipt = delivered(tmp_path / "fine", contract, rows)
    assert parse(settings, contract, receipt).rows == 3


def test_references_of_ten_digits_are_no_nhs_numbers_but_by_chance(tmp_path):
    ref = column("ref", "Ref", logicalTypeOptions={"pattern": "[A-Za-z0-9/-]{4,30}"})
    contract = load(tmp_path / "contracts", (ref,))
    rows = [{"Ref": str(4_000_000_000 + 7 * number)} for number in range(500)]
    settings, receipt = delivered(tmp_path / "references", contract, rows)
    assert parse(settings, contract, receipt).rows == 500
    # A column of them, one among other references, and one in a longer text.
    valid = ["9434765919", "9876544322", "4010232137"]
    for name, values in {
        "all": [*valid, "4000000001"],
        "one": ["ASB-1234", "9434765919"],
        "within": [*(row["Ref"] for row in rows), "NHS/943-476-5919"],
    }.items():
        problem = refused(tmp_path / name, contract, [{"Ref": value} for value in values])
        assert "column “Ref” holds an NHS number" in problem.sentence


def test_a_kind_that_was_agreed_for_a_column_is_let_through_and_no_other(tmp_path):
    place = column("place", "Place", customProperties=custom(mayHold=["postcode"]))
    contract = load(tmp_path / "contracts", (place,))
    settings, receipt = delivered(tmp_path / "agreed", contract, [{"Place": "ST4 1AA"}])
    assert parse(settings, contract, receipt).rows == 1
    problem = refused(tmp_path / "not", contract, [{"Place": "ST4 1AA, 01782 234567"}])
    assert "a telephone number" in problem.sentence


def test_a_public_feed_is_looked_through_as_well(tmp_path):
    contract = load(tmp_path / "contracts", (column("a", "A", classification="public"),))
    assert refused(tmp_path, contract, [{"A": "ST4 1AA"}]).rule == "depersonalised"


def test_more_columns_than_one_are_counted(tmp_path):
    contract = load(tmp_path / "contracts", NOTES)
    problem = refused(tmp_path, contract, [{"Notes": "ST4 1AA", "Ref": "ST4 1AA"}])
    assert "(1 row, and 1 more such column)" in problem.sentence


def test_only_twenty_rows_are_named_and_all_are_counted(tmp_path):
    contract = load(tmp_path / "contracts", NOTES)
    problem = refused(tmp_path, contract, [{"Notes": "ST4 1AA", "Ref": "x"}] * 1_500)
    assert "1,500 rows" in problem.sentence
    assert problem.rows == tuple(range(2, 22))


def test_what_was_reviewed_is_let_through_and_the_same_kind_beside_it_is_not(tmp_path):
    entry = {"pattern": "Mr (Chips|Chop)", "by": "Officer", "on": "2026-11-29", "reason": "Shops."}
    notes = column("notes", "Notes", customProperties=custom(reviewed=[entry]))
    contract = load(tmp_path / "contracts", (notes,))
    settings, receipt = delivered(tmp_path / "fine", contract, [{"Notes": "at Mr Chop again"}])
    assert parse(settings, contract, receipt).rows == 1
    problem = refused(tmp_path / "not", contract, [{"Notes": "Mr Chop hit Mr Smith"}])
    assert "a person's name" in problem.sentence


def test_names_without_a_title_are_found_in_all_but_public_columns(tmp_path):
    contract = load(tmp_path / "a", (column("a", "A"),))
    assert "a person's name" in refused(tmp_path, contract, [{"A": "John Smith"}]).sentence
    public = load(tmp_path / "b", (column("a", "A", classification="public"),))
    settings, receipt = delivered(tmp_path / "public", public, [{"A": "On or near Martin Dale"}])
    assert parse(settings, public, receipt).rows == 1


def test_ten_digits_alone_are_judged_by_share_in_free_text_too(tmp_path):
    contract = load(tmp_path / "contracts", (column("notes", "Notes"),))
    rows = [{"Notes": str(4_000_000_000 + 7 * number)} for number in range(200)]
    settings, receipt = delivered(tmp_path / "references", contract, rows)
    assert parse(settings, contract, receipt).rows == 200
    for number, values in enumerate((["9434765919"], ["7700900461", "7700900462", "4000000001"])):
        problem = refused(tmp_path / str(number), contract, [{"Notes": value} for value in values])
        assert "column “Notes” holds" in problem.sentence


def test_files_looked_at_together_are_told_what_each_is_told_alone(tmp_path, monkeypatch):
    """What is personal by share stays so by file, and only a file that holds some is looked at again."""
    crew = column(
        "crew", "Crew", classification="personal", customProperties=custom(pseudonym="crew")
    )
    people = column("people", "People", "integer")
    contract = load(tmp_path / "contracts", (*NOTES, people, crew))
    valid = ["9434765919", "9876544322", "4010232137"]
    empty = {"Notes": "x", "Ref": "y", "People": "1", "Crew": "C1"}
    files = [[{**empty, "Notes": value} for value in PERSONAL[kind]] for kind in PERSONAL_KINDS]
    files += [[{**empty, "Ref": "fine"}, {**empty, "Ref": PERSONAL["name"][0]}]]
    files += [[{**empty, "Crew": PERSONAL["e_mail"][0]}]]
    files += [
        [{**empty, "People": value} for value in [*valid, "12"]]
    ]  # most of this file's numbers
    few = [valid[0], *(str(number) for number in range(4_000_000_001, 4_000_000_009))]
    files += [[{**empty, "People": value} for value in few]]  # and by chance in that one
    harmless = [value for value in HARMLESS if value and value != "12/06/2025"]
    files += [[{**empty, "Notes": value, "Ref": value} for value in harmless], [empty]]
    source = tmp_path / "source"
    source.mkdir()
    for number, rows in enumerate(files):
        text = io.StringIO()
        headers = [entry.header for entry in contract.columns]
        writer = csv.DictWriter(text, headers, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        name = f"boats_{2024 + number // 12}-{number % 12 + 1:02}.csv"
        (source / name).write_text(text.getvalue(), encoding="utf-8", newline="")
    write_json(source / SYNTHETIC_MARKER, {"synthetic": True})
    settings = settings_at(tmp_path / "home", source)
    landed = pull.pull(settings, {contract.feed: contract}, open_source(str(source))).landed
    assert len(landed) == len(files)
    looked, look = [], scanner.scan
    monkeypatch.setattr(scanner, "scan", lambda *args: looked.append(1) or look(*args))
    together = dict(gate_one._parse(settings, contract, landed))
    refused_ones = [one for one in landed if isinstance(together[one], Record)]
    assert len(refused_ones) == len(looked) == len(PERSONAL_KINDS) + 3
    left = {path for path in settings.raw.rglob("*") if path.is_file()}
    assert left == {parquet_path(settings, one) for one in landed if one not in refused_ones}
    alone = {one: dict(gate_one._parse(settings, contract, [one]))[one] for one in landed}
    assert together == alone


def test_files_that_cannot_be_looked_at_together_are_looked_at_alone(tmp_path, monkeypatch):
    contract = load(tmp_path / "contracts", NOTES)
    source = tmp_path / "source"
    source.mkdir()
    for month, notes in (("07", "fine"), ("08", PERSONAL["e_mail"][0])):
        (source / f"boats_2026-{month}.csv").write_text(f"Notes,Ref\n{notes},x\n", encoding="utf-8")
    settings = settings_at(tmp_path / "home", source)
    landed = pull.pull(settings, {contract.feed: contract}, open_source(str(source))).landed

    def exhausted(*_args):
        raise duckdb.OutOfMemoryException("none left")

    monkeypatch.setattr(scanner, "holding", exhausted)
    fine, personal = (read for _, read in gate_one._parse(settings, contract, landed))
    assert fine.rows == 1
    assert personal.rule == "depersonalised"
    left = [path for path in settings.raw.rglob("*") if path.is_file()]
    assert left == [parquet_path(settings, landed[0])]
