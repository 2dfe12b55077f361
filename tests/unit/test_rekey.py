"""Another key for raw, or none: it is rewritten, nothing is lost, and nothing is judged twice."""

from dataclasses import replace

import pytest

from orchestration import night
from orchestration.ingest.landing.deliveries import PASSED, deliveries
from orchestration.protection import rekey
from orchestration.protection.key_file import KeyFileError
from orchestration.quality import gate_one
from tests.support.encrypted import (
    FIRST,
    ROWS,
    SECOND,
    delivered,
    gated,
    holds_no_key,
    raw,
    rows,
    under,
)


@pytest.fixture
def harbour(tmp_path):
    return delivered(tmp_path)


def changed(files, dropped):
    return [
        f"the key of raw has changed: {files} files were rewritten, and {dropped} that no key opens "
        "are made anew"
    ]


@pytest.fixture(autouse=True)
def judged(monkeypatch):
    """The deliveries that gate 1 decided about, in order."""
    found, decide = [], gate_one._decide

    def noted(settings, contract, receipt, *more):
        found.append(receipt)
        decide(settings, contract, receipt, *more)

    monkeypatch.setattr(gate_one, "_decide", noted)
    return found


def test_a_key_is_set_and_changed_and_nothing_is_judged_again(harbour, tmp_path, judged):
    settings, contracts = harbour
    gated(settings, contracts)
    before = len(judged)
    settings.warehouse.mkdir()
    for lines in ((FIRST,), (SECOND, FIRST), (FIRST, SECOND)):
        settings = under(settings, tmp_path, *lines)
        (settings.warehouse / "candidate.duckdb").write_text("of the key before")
        (settings.warehouse / "candidate.duckdb.tmp").mkdir()
        assert not rekey.is_settled(settings)
        assert any("the key in use" in why for why in night.work(settings, contracts).reasons)
        assert gated(settings, contracts) == changed(12, 0)
        assert list(settings.warehouse.iterdir()) == []
        assert rekey.is_settled(settings)
        settings = under(settings, tmp_path, lines[0])  # the key before is not needed any more
        assert rows(settings) == ROWS
        assert gated(settings, contracts) == []
    assert len(judged) == before


@pytest.mark.parametrize("now", [(), (SECOND,), (SECOND.replace("w2", "w1"),)])
def test_what_no_key_opens_is_read_anew_from_landing(harbour, tmp_path, now, judged):
    settings, contracts = harbour
    gated(under(settings, tmp_path, FIRST), contracts)
    before = len(judged)
    settings = under(settings, tmp_path, *now)
    assert gated(settings, contracts) == changed(0, 12)
    assert [entry.state for entry in deliveries(settings, contracts)] == [PASSED, PASSED]
    assert len(judged) == before + 2
    assert rows(settings) == ROWS
    assert gated(settings, contracts) == []


def test_a_change_of_keys_that_was_killed_goes_on(harbour, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    settings, contracts = harbour
    gated(settings, contracts)
    keyed = under(settings, tmp_path, FIRST)
    rewrite = rekey._rewrite
    with monkeypatch.context() as patched:

        def second_time(*arguments):
            if list(keyed.raw.rglob("*.parquet")) and b"PARE" in {
                c[:4] for c in raw(keyed).values()
            }:
                raise Killed
            rewrite(*arguments)

        patched.setattr(rekey, "_rewrite", second_time)
        with pytest.raises(Killed):
            rekey.settle(keyed)
    assert {content[:4] for content in raw(keyed).values()} == {b"PAR1", b"PARE"}
    # Neither key may take it for done.
    assert not rekey.is_settled(settings) and not rekey.is_settled(keyed)
    assert gated(keyed, contracts) == changed(11, 0)
    assert rows(keyed) == ROWS


def test_a_replay_rewrites_what_it_does_not_know(harbour, tmp_path):
    settings, contracts = harbour
    gated(settings, contracts)
    before = under(replace(settings, now=settings.now.replace(year=2020)), tmp_path, FIRST)
    assert deliveries(before, contracts) == []
    assert gated(before, contracts)[0] == changed(12, 0)[0]
    assert {content[:4] for content in raw(settings).values()} == {b"PARE"}


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "cannot be read: no such file"),
        (lambda path: path.chmod(0o644), "can be read by others; set its mode to 0600"),
        (
            lambda path: path.write_text("w1 abc"),
            "line 1 of the key file of the warehouse is not a",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_one_sentence_and_nothing_is_lost(
    harbour, tmp_path, harm, words
):
    settings, contracts = harbour
    settings = under(settings, tmp_path, FIRST)
    gated(settings, contracts)
    before = raw(settings)
    harm(settings.warehouse_key_file)
    with pytest.raises(KeyFileError, match=words) as caught:
        gated(settings, contracts)
    assert holds_no_key(str(caught.value), FIRST)
    assert raw(settings) == before
    assert rows(under(settings, tmp_path, FIRST)) == ROWS
