"""A sealed ledger: whatever happens to its file is noticed, and nothing is added to a damaged one."""

import json

import pytest

from orchestration.core.sealed import LedgerBroken, SealedLedger


@pytest.fixture
def ledger(tmp_path):
    made = SealedLedger(tmp_path, "things")
    for number in range(4):
        made.append({"number": number, "said": "Zażółć"})
    return made


def test_entries_are_read_in_their_order(ledger, tmp_path):
    assert [entry["number"] for entry in ledger.entries()] == [0, 1, 2, 3]
    assert SealedLedger(tmp_path, "others").entries() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda lines: [],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0], "x", *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace('"number":2', '"number":7', 1), lines[3]],
        lambda lines: [*lines[:3], json.dumps({**json.loads(lines[3]), "entry": {"number": 9}})],
    ],
)
def test_whatever_was_changed_is_noticed_and_nothing_is_added(ledger, damage):
    lines = ledger.path.read_text().splitlines()
    ledger.path.write_text("".join(f"{line}\n" for line in damage(lines)))
    before = ledger.path.read_bytes()
    with pytest.raises(LedgerBroken, match="restore ledger/ as a whole"):
        ledger.entries()
    with pytest.raises(LedgerBroken):
        ledger.append({"number": 4})
    assert ledger.path.read_bytes() == before


def test_every_byte_counts(ledger):
    whole = ledger.path.read_bytes()
    for place in range(0, len(whole), 7):
        ledger.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(LedgerBroken):
            ledger.entries()


@pytest.mark.parametrize("name", ["things.jsonl", "things.head"])
def test_a_missing_half_is_noticed(ledger, name):
    (ledger.path.parent / name).unlink()
    with pytest.raises(LedgerBroken):
        ledger.entries()


def test_an_entry_whose_writer_was_killed_before_the_head_counts(ledger):
    head = ledger.path.parent / "things.head"
    before = head.read_bytes()
    ledger.append({"number": 4})
    head.write_bytes(before)
    assert len(ledger.entries()) == 5
    ledger.append({"number": 5})
    assert len(ledger.entries()) == 6
