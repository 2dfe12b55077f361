"""A changed, cut or lost line of the ledger, and a changed byte of a record, are found."""

import json

import pytest

from orchestration.core import ledger, records

BODY = {"feed": "harbour/boats", "source_path": "Ada Example.csv", "size": 3}


def three(home):
    ledger.add(home, (ledger.LANDED, "boats/0", {**BODY, "n": 0}))
    ledger.add(home, *((ledger.LANDED, f"boats/{n}", {**BODY, "n": n}) for n in (1, 2)))
    return ledger.path_of(home)


def test_a_line_is_added_to_what_is_there_and_read_back(tmp_path):
    path = three(tmp_path)
    found = ledger.read(tmp_path)
    assert [entry.name for entry in found.entries] == ["boats/0", "boats/1", "boats/2"]
    assert found.standing(ledger.LANDED)["boats/1"].body == {**BODY, "n": 1}
    assert ledger.faults(found, found.entries[0].seal) == []
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("bit", [1, 32])
def test_every_changed_byte_is_found_and_the_other_lines_still_count(tmp_path, bit):
    path = three(tmp_path)
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        spoilt = bytearray(content)
        spoilt[place] ^= bit
        path.write_bytes(spoilt)
        found = ledger.read(tmp_path, fresh=True)
        assert ledger.faults(found), place
        assert len(found.entries) >= 1


def test_a_line_that_was_taken_out_or_cut_off_is_missed(tmp_path):
    path = three(tmp_path)
    first, second, third = path.read_text().splitlines(keepends=True)
    head = ledger.read(tmp_path).head
    path.write_text(first + third)
    assert "are missing" in ledger.faults(ledger.read(tmp_path, fresh=True))[0]
    path.write_text(first + second)
    assert ledger.faults(ledger.read(tmp_path, fresh=True)) == []  # a chain knows no end
    assert "the end" in ledger.faults(ledger.read(tmp_path, fresh=True), head)[0]
    path.unlink()
    assert ledger.faults(ledger.read(tmp_path, fresh=True), head)


def test_a_home_that_shares_the_file_keeps_its_own(tmp_path):
    path = three(tmp_path)
    other = tmp_path / "other.jsonl"
    other.hardlink_to(path)
    before = other.read_bytes()
    ledger.add(tmp_path, (ledger.LANDED, "boats/3", BODY))
    assert other.read_bytes() == before


def test_a_line_that_was_cut_off_is_left_out_of_what_follows(tmp_path):
    path = three(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    ledger.add(tmp_path, (ledger.LANDED, "boats/3", BODY))
    found = ledger.read(tmp_path, fresh=True)
    assert [entry.name for entry in found.entries] == ["boats/0", "boats/1", "boats/3"]
    assert ledger.faults(found) == []


def test_what_is_forgotten_leaves_no_body_and_the_chain_holds(tmp_path):
    path = three(tmp_path)
    head = ledger.read(tmp_path).head
    ledger.forget(tmp_path, "boats/1", {"why": "the agreement ended"})
    found = ledger.read(tmp_path, fresh=True)
    assert ledger.faults(found, head) == []
    assert set(found.standing(ledger.LANDED)) == {"boats/0", "boats/2"}
    assert path.read_text().count("Ada Example") == 2


def test_a_damaged_ledger_is_made_again_and_kept_as_it_was_found(tmp_path):
    path = three(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b"boats/1", b"boats/7") + lines[2])
    kept = tmp_path / "ledger" / "damaged.jsonl"
    wanted = [(ledger.LANDED, f"boats/{n}", {**BODY, "n": n}) for n in range(3)]
    ledger.mend(tmp_path, kept, wanted)
    found = ledger.read(tmp_path, fresh=True)
    assert ledger.faults(found) == []
    assert set(found.standing(ledger.LANDED)) == {"boats/0", "boats/1", "boats/2"}
    assert b"boats/7" in kept.read_bytes()


def test_every_changed_byte_of_a_record_is_found(tmp_path):
    path = tmp_path / "record.json"
    records.write(path, {"state": "passed", "rules": [{"seal": "x", "rule": "y"}], "rows": 12})
    assert records.read(path) == {
        "state": "passed", "rules": [{"seal": "x", "rule": "y"}], "rows": 12,
    }  # fmt: skip
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in (1, 16, 128):
            spoilt = bytearray(content)
            spoilt[place] ^= bit
            path.write_bytes(spoilt)
            with pytest.raises(records.DamagedRecord):
                records.read(path)
    for end in range(len(content)):
        path.write_bytes(content[:end])
        with pytest.raises(records.DamagedRecord):
            records.read(path)


def test_a_record_of_an_older_release_is_read_and_one_that_is_absent_is_not_damaged(tmp_path):
    path = tmp_path / "record.json"
    assert records.read(path) is None
    path.write_text(json.dumps({"state": "passed"}))
    assert records.read(path) == {"state": "passed"}
