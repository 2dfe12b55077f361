"""What partners do to a folder: half uploads, markers, old times, links, withdrawals, floods."""

import os
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from orchestration.core.refusal import SourceError
from orchestration.ingest.landing import pull as landing
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.transports import SYNTHETIC_MARKER, Entry, SourceFile, Terms, connect
from orchestration.ingest.transports.failures import FileRefused, PermanentFailure
from orchestration.ingest.transports.file_names import fault_of, shown
from tests.conftest import settings_at

FEED = "police/street_crime"
NAME = "2025-01-staffordshire-street.csv"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
def entry(place):
    return Entry("folder", str(place), Terms("council", (FEED,)))


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home")


@pytest.fixture
def pull(contracts, home, entry):
    def under(**terms):
        dry = terms.pop("dry", False)
        with closing(connect(entry)) as source:
            agreed = replace(entry.terms, **terms)
            return landing.pull(home, contracts, source, terms=agreed, dry=dry)

    return under


def put(place, content, name=NAME, at=1_700_000_000):
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)
    os.utime(place / name, (at, at))


def test_a_file_that_still_grows_waits_and_lands_whole_later(place, pull, home):
    put(place, b"half")
    stop = threading.Event()

    def upload():
        with (place / NAME).open("ab") as out:
            while not stop.wait(0.01):
                out.write(b".")
                out.flush()

    uploading = threading.Thread(target=upload)
    uploading.start()
    try:
        first = pull(settle_seconds=0.1)
    finally:
        stop.set()
        uploading.join()
    assert (first.landed, first.problems) == ([], [])
    assert first.unsettled == [f"{FEED}: {NAME} is still being uploaded"]
    (receipt,) = pull(settle_seconds=0.1).landed
    assert receipt.bytes_path(home).read_bytes() == (place / NAME).read_bytes()


def test_a_quiet_file_lands_beside_one_that_is_taken_away(place, pull):
    put(place, b"quiet")
    put(place, b"gone", "2025-02-staffordshire-street.csv")
    taking = threading.Timer(0.05, (place / "2025-02-staffordshire-street.csv").unlink)
    taking.start()
    result = pull(settle_seconds=0.3)
    taking.join()
    assert [receipt.period for receipt in result.landed] == ["2025-01"]
    assert len(result.unsettled) == 1


def test_nobody_waits_where_nothing_is_new(place, pull):
    put(place, b"one")
    pull()
    assert pull(settle_seconds=600).known == 1
    assert pull(settle_seconds=600, dry=True).landed == []


def test_with_a_marker_a_file_counts_when_its_marker_is_there(place, pull):
    put(place, b"one")
    waiting = pull(marker=".done")
    assert (waiting.landed, waiting.undeclared) == ([], [])
    assert "waits for its marker" in waiting.unsettled[0]
    put(place, b"", f"{NAME}.done")
    assert len(pull(marker=".done").landed) == 1
    assert pull(marker=".done").undeclared == []


def test_late_files_and_files_with_an_old_time_are_found(place, pull):
    put(place, b"new", "2025-06-staffordshire-street.csv", at=1_750_000_000)
    pull()
    put(place, b"late", "2025-02-staffordshire-street.csv", at=1_750_000_001)
    put(place, b"old time", "2025-03-staffordshire-street.csv", at=1_000_000_000)
    assert {receipt.period for receipt in pull().landed} == {"2025-02", "2025-03"}


def test_other_bytes_under_the_same_time_and_size_are_found_where_files_are_reread(place, pull):
    put(place, b"one")
    pull()
    put(place, b"two")
    assert pull().known == 1
    assert [receipt.seq for receipt in pull(reread=True).landed] == [2]
    assert pull(reread=True, dry=True).landed == []
    again = pull(reread=True)
    assert (again.landed, again.known) == ([], 1)


def test_a_file_sent_again_is_no_delivery(place, pull, home):
    put(place, b"one")
    pull()
    put(place, b"one", at=1_800_000_000)
    result = pull()
    assert (result.landed, result.known) == ([], 1)
    assert len(receipts(home)) == 1


def test_a_withdrawn_file_is_said_once_its_delivery_stays_and_it_may_return(place, pull, home):
    put(place, b"one")
    (receipt,) = pull().landed
    (place / NAME).unlink()
    assert pull().withdrawn == [f"{FEED}: {NAME} is gone from council"]
    assert pull().withdrawn == []
    assert receipt.bytes_path(home).read_bytes() == b"one"
    put(place, b"one")
    back = pull()
    assert (back.landed, back.known, back.withdrawn) == ([], 1, [])
    (place / NAME).unlink()
    assert len(pull().withdrawn) == 1


def test_withdrawals_are_known_without_the_cache(place, pull, home):
    put(place, b"one")
    pull()
    (home.landing / "sightings.json").unlink()
    (place / NAME).unlink()
    assert len(pull().withdrawn) == 1


def test_links_and_pipes_are_never_opened(place, pull, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (place / NAME).symlink_to(secret)
    os.mkfifo(place / "2025-02-staffordshire-street.csv")
    (tmp_path / "elsewhere").mkdir()
    put(tmp_path / "elsewhere", b"x", "2025-03-staffordshire-street.csv")
    (place / "folder").symlink_to(tmp_path / "elsewhere")
    result = pull()
    assert result.landed == []
    assert sorted(problem.sentence for problem in result.problems) == [
        f"{NAME} is a symbolic link, which is never followed",
        "2025-02-staffordshire-street.csv is not a plain file",
        "folder is a symbolic link, which is never followed",
    ]


@pytest.mark.parametrize("trick", ["link", "pipe", "folder_link"])
def test_a_file_swapped_after_the_listing_is_not_opened(entry, place, tmp_path, trick):
    put(place, b"plain", f"deep/{NAME}")
    source = connect(entry)
    (file,) = source.files()
    path = place / "deep" / NAME
    path.unlink()
    if trick == "pipe":
        os.mkfifo(path)
    elif trick == "link":
        path.symlink_to("/etc/passwd")
    else:
        put(tmp_path / "elsewhere", b"x")
        path.parent.rmdir()
        path.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileRefused):
        source.open(file, 1000)


def test_a_link_in_landing_stops_the_delivery(place, pull, home, tmp_path):
    put(place, b"one")
    (home.landing / "police").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (home.landing / "police" / "street_crime").symlink_to(tmp_path / "elsewhere")
    result = pull()
    assert result.landed == []
    assert "landing/police/street_crime is a symbolic link" in result.problems[0].sentence
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_place_of_a_receipt_is_not_read(place, pull, home, tmp_path):
    put(place, b"one")
    (receipt,) = pull().landed
    path = receipt.receipt_path(home)
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(SourceError, match="is a symbolic link"):
        receipts(home)


def test_a_file_over_the_limit_is_refused_and_the_rest_lands(place, pull):
    put(place, b"x" * 2000)
    put(place, b"x", "2025-02-staffordshire-street.csv")
    result = pull(max_bytes_by_feed={FEED: 1000})
    assert [receipt.period for receipt in result.landed] == ["2025-02"]
    assert f"{FEED}: {NAME} is larger than the 1,000 bytes" in result.problems[0].sentence


def test_a_file_that_grows_past_the_limit_while_it_is_read_is_cut_off(entry, place):
    put(place, b"x" * 5000)
    source = connect(entry)
    with (
        source.open(SourceFile(NAME, 100, 0.0), 1000) as stream,
        pytest.raises(FileRefused, match="larger than"),
    ):
        stream.read()


def test_a_source_gives_only_the_feeds_that_were_agreed(place, pull):
    put(place, b"x", "lsoa_E06000021.geojson")
    result = pull()
    assert result.landed == []
    (problem,) = result.problems
    assert "which may not deliver it" in problem.sentence
    assert (problem.kind, problem.feeds) == ("permanent", ("reference/lsoa_boundaries",))


def test_a_file_that_cannot_be_read_concerns_only_itself(entry, place):
    put(place, b"x")
    source = connect(entry)
    (file,) = source.files()
    (place / NAME).unlink()
    with pytest.raises(FileRefused, match="cannot be read: no such file"):
        source.open(file, 1000)


def test_too_many_files_and_too_deep_ones(entry, place, pull):
    put(place, b"x", "/".join("d" * 15) + f"/{NAME}")
    assert "too deep" in pull().problems[0].sentence
    for number in range(5):
        put(place, b"x", f"{number}.txt")
    with pytest.raises(PermanentFailure, match="more than the 3 files"):
        connect(replace(entry, max_files=3)).files()


def test_a_folder_that_is_gone_is_permanent(entry, place):
    place.rmdir()
    with pytest.raises(PermanentFailure, match="not a folder"):
        connect(entry).files()


@pytest.mark.parametrize("marker", [b"{}", b"no", b'{"synthetic": "yes"}', b"[]", b"[" * 60_000])
def test_a_marker_that_does_not_say_yes_or_no_stops_the_source(place, pull, marker):
    put(place, marker, SYNTHETIC_MARKER)
    with pytest.raises(PermanentFailure, match="does not say yes or no"):
        pull()


def test_synthetic_is_what_the_source_says_of_itself(entry, place):
    assert not connect(entry).is_synthetic()
    put(place, b'{"synthetic": true}', f"deep/{SYNTHETIC_MARKER}")
    assert not connect(entry).is_synthetic()
    put(place, b'{"synthetic": true}', SYNTHETIC_MARKER)
    assert connect(entry).is_synthetic()


@pytest.mark.parametrize(
    "path",
    [
        "", "/etc/passwd", "../x", "a/../b", "a/./b", "a//b", "a\\b", "a\nb", "a\0b", "a\x7fb",
        "a" * 256, "é" * 128, "a/" * 250 + "b", "\udcff",
    ],
)  # fmt: skip
def test_a_name_that_could_do_harm_is_refused_and_shown_on_one_line(path):
    assert fault_of(path)
    assert shown(path).isprintable()
    assert shown(path).isascii() or shown(path).endswith("…")
    assert len(shown(path)) <= 81


@pytest.mark.parametrize("path", [NAME, f"2025/{NAME}", "Zoë's file (final).csv", "a..b", "..a"])
def test_ordinary_names_are_taken(path):
    assert fault_of(path) is None
