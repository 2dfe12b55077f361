"""Names are values: what a sender calls a file, a sheet, a column, a key or an element is looked at too."""

import json
from dataclasses import replace

import pytest

from orchestration.cli import summary
from orchestration.core import ledger
from orchestration.core.refusal import Refusal
from orchestration.ingest.landing import receipts
from orchestration.ingest.landing.pull_record import last_pull, remember
from orchestration.ingest.readers.table import check_header
from orchestration.ingest.transports.file_names import shown
from orchestration.protection import names
from orchestration.transform import manifest
from tests.support.harbour import Harbour
from tests.support.made_up import column, load
from tests.support.made_up_files import BOOKS, refusal

COLUMNS = [column("area", "Area", required=True), column("note", "Note")]
SECRET = "Jane_Smith_9434765919"


def test_names_that_lead_to_a_person_are_found_however_they_are_joined():
    personal = [
        "jane_smith.csv", "Smith_Jane_asb.csv", "asb_cases_2026-07 JaneSmith.csv", "JANE SMITH",
        "mr_jones_2026-07.xlsx", "x_943-476-5919.csv", "patient_9434765919_x.csv", "ST4_2AB.csv",
        "jane.smith@example.org", "07700900123.csv", "1985-03-12.csv", "x_12031985.csv",
        "AB123456C_x.csv", "mohammed-hussain.xlsx", "o'neil_sean.csv", SECRET, "x" * 401,
    ]  # fmt: skip
    names.learn(personal)
    assert [name for name in personal if not names.is_personal(name)] == []


def test_names_that_were_agreed_and_those_of_programs_are_not(contracts):
    forces = ("staffordshire", "kent", "city-of-london", "btp")
    months = [f"20{year}-{month:02}" for year in (18, 26) for month in range(1, 13)]
    plain = [f"{month}-{force}-street.csv" for month in months for force in forces]
    plain += ["export_20261129T020000.csv", "asb_cases_2026-08 (1).csv", "2026-08", "outgoing"]
    for contract in contracts.values():
        period = {"month": "2026-07", "quarter": "2026-Q2"}.get(contract.period_kind, "2024-25")
        plain.append((contract.sample_name or "").format(period=period, part="E06000021"))
        plain += contract.feed.split("/")
    names.learn(plain)
    assert [name for name in plain if names.is_personal(name)] == []


def test_a_mask_is_stable_tells_two_files_apart_and_keeps_the_ending():
    first, second = names.masked("jane_smith.csv"), names.masked("john_smith.csv")
    assert first == names.masked("jane_smith.csv") != second
    assert first.endswith(".csv") and "smith" not in first
    assert shown("outgoing/jane_smith.csv") == f"outgoing/{first}"


def test_a_personal_file_name_is_masked_wherever_it_would_be_kept_or_shown_and_told(tmp_path):
    pattern = r"boats_(?P<period>\d{4}-\d{2}).*\.csv"
    harbour = Harbour(tmp_path, COLUMNS, filePattern=pattern)
    states = harbour.night(
        **{
            "boats_2026-06 Jane Smith.csv": "Area,Note\nST4,x\n",
            "boats_2026-07 Jane Smith.csv": "Other\nx\n",
        }
    )
    assert states == {"2026-06": "passed", "2026-07": "refused"}
    remember(harbour.settings, harbour.pulled)
    rows = manifest.tables(harbour.settings, harbour.contracts, list(harbour.found.values()))
    told = summary.text(harbour.settings, harbour.contracts)
    assert "may lead to a person" in told and "name-not-shown-" in told
    assert all(row["file_name"].startswith("name-not-shown-") for row in rows["deliveries"])
    kept = [path for path in harbour.settings.home.rglob("*") if path.is_file()]
    assert len(kept) > 8
    for text in (told, json.dumps(rows), json.dumps(last_pull(harbour.settings)),
                 *map(str, kept), *(p.read_bytes().decode("latin-1") for p in kept)):  # fmt: skip
        assert "Jane" not in text
    # The next night knows the files again, and the masked name is no withdrawal.
    harbour.night()
    assert (harbour.pulled.known, harbour.pulled.landed) == (2, [])


def test_the_receipt_of_a_release_that_masked_no_names_is_masked_before_it_is_entered(tmp_path):
    harbour = Harbour(tmp_path, COLUMNS, filePattern=r"boats_(?P<period>\d{4}-\d{2}).*\.csv")
    harbour.night(**{"boats_2026-06.csv": "Area,Note\nST4,x\n"})
    (sound,) = receipts.receipts(harbour.settings)
    (harbour.settings.home / ledger.FILE).unlink()
    receipts.write_receipt(harbour.settings, replace(sound, source_path="out/boats Jane Smith.csv"))
    assert receipts.enter(harbour.settings) == 1
    (masked,) = receipts.receipts(harbour.settings)
    assert masked.source_path.startswith("out/name-not-shown-")
    assert masked == replace(sound, source_path=masked.source_path)
    for path in (masked.receipt_path(harbour.settings), harbour.settings.home / ledger.FILE):
        assert "Jane" not in path.read_text()


def test_an_unexpected_name_that_leads_to_a_person_is_refused_without_its_text(tmp_path):
    files = {
        "csv": f"Area,Note,{SECRET}\nx,y,z\n".encode(),
        "json": json.dumps([{"Area": "x", "Note": "y", SECRET: "z"}]).encode(),
        "xml": f"<b><boat><Area>x</Area><Note>y</Note><{SECRET}>z</{SECRET}></boat></b>".encode(),
        **{form: make([["Area", "Note", SECRET], ["x", "y", "z"]]) for form, make in BOOKS.items()},
    }
    for form, content in files.items():
        layout = {"layout": {"row": "boat"}} if form == "xml" else {}
        found = refusal(tmp_path / form, content, form, COLUMNS, **layout)
        assert found.rule == "undeclared_column"
        assert "may lead to a person" in found.sentence
        assert "Jane" not in found.sentence and "9434765919" not in found.sentence


@pytest.mark.parametrize("header", [["Area", SECRET], ["Area", "Note", SECRET, SECRET]])
def test_a_header_as_a_likely_spelling_or_twice_is_not_shown_either(tmp_path, header):
    with pytest.raises(Refusal) as found:
        check_header(header, load(tmp_path, [*COLUMNS, column("smith", "Jane_Smith_943476591")]))
    assert "9434765919" not in found.value.sentence


def test_an_unexpected_name_of_the_usual_kind_is_still_shown(tmp_path):
    with pytest.raises(Refusal, match="“Colour” is not in the contract"):
        check_header(["Area", "Note", "Colour"], load(tmp_path, COLUMNS))
