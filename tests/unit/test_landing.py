"""Landing: the same bytes once, a correction beside the original, nothing half written."""

import os
import unicodedata
from pathlib import Path

import pytest

from orchestration import extracts, night
from orchestration.contracts.odcs import ContractError, load_contracts
from orchestration.core import candidate
from orchestration.core.files import (
    TEMPORARY_PREFIX,
    replacing,
    sha256_of,
    sweep_temporaries,
)
from orchestration.core.records import read_record
from orchestration.core.refusal import SourceError
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.landing.selection import match
from orchestration.ingest.landing.sightings import Sightings
from orchestration.ingest.transports import SourceFile, open_source
from tests.conftest import settings_at

NAME = "2025-01-staffordshire-street.csv"


@pytest.fixture
def place(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    return settings_at(tmp_path / "home", source)


def put(settings, content: bytes, name: str = NAME, at: float = 1_700_000_000) -> None:
    path = Path(settings.source) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at, at))


def pull(settings, **options):
    return extracts.pull(settings, night.contracts_of(settings), **options)


def test_bytes_land_unchanged_under_their_hash(place):
    put(place, b"one")
    (receipt,) = pull(place).landed
    assert receipt.bytes_path(place).read_bytes() == b"one"
    assert sha256_of(receipt.bytes_path(place)) == receipt.sha256
    assert (receipt.feed, receipt.period, receipt.part) == (
        "police/street_crime",
        "2025-01",
        "staffordshire",
    )


def test_the_same_file_again_is_no_delivery(place):
    put(place, b"one")
    pull(place)
    put(place, b"one", at=1_700_009_999)  # touched, sent again
    put(place, b"one", name=f"copy/{NAME}")  # and in another folder
    again = pull(place)
    assert (again.landed, again.known) == ([], 2)
    assert len(receipts(place)) == 1


def test_a_correction_is_a_second_delivery_and_the_first_stays(place):
    put(place, b"one")
    pull(place)
    put(place, b"two", at=1_700_000_100)
    (second,) = pull(place).landed
    assert [receipt.seq for receipt in receipts(place)] == [1, 2]
    assert second.seq == 2
    assert {path.read_bytes() for path in second.bytes_path(place).parent.glob("*.csv")} == {
        b"one",
        b"two",
    }


def test_a_correction_taken_back_is_a_third_delivery(place):
    for moment, content in enumerate([b"one", b"two", b"one"]):
        put(place, content, at=1_700_000_000 + moment)
        pull(place)
    first, _, third = receipts(place)
    assert (third.seq, third.sha256) == (3, first.sha256)


def test_a_file_uploaded_with_an_old_time_is_seen(place):
    put(place, b"one")
    pull(place)
    put(place, b"two!", at=1_000_000_000)
    assert len(pull(place).landed) == 1


def test_an_unchanged_file_is_not_even_opened(place, monkeypatch):
    put(place, b"one")
    pull(place)

    def opened(*_):
        raise AssertionError("the file was opened")

    monkeypatch.setattr("orchestration.ingest.transports.folder.FolderSource.open", opened)
    assert pull(place).known == 1


def test_the_cache_of_sightings_can_be_lost(place):
    put(place, b"one")
    pull(place)
    (place.landing / "sightings.json").unlink()
    assert pull(place).landed == []


def test_a_correction_whose_run_was_killed_is_one_delivery(place, monkeypatch):
    """The receipt was written and the cache of sightings was not: it says what was there before."""

    class Killed(BaseException):
        pass

    def killed(self):
        raise Killed

    put(place, b"first")
    pull(place)
    put(place, b"second", at=1_700_000_100)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Sightings, "save", killed)
        pull(place)
    assert pull(place).landed == []
    assert [receipt.seq for receipt in receipts(place)] == [1, 2]
    put(place, b"first", at=1_700_000_200)
    assert [receipt.seq for receipt in pull(place).landed] == [3]


def test_undeclared_and_impossible_files_are_left_alone(place):
    put(place, b"x", name="2025-01-staffordshire-custody.csv")
    put(place, b"x", name="2099-01-staffordshire-street.csv")
    put(place, b"x", name="2001-01-staffordshire-street.csv")
    put(place, b"x", name="2025-13-staffordshire-street.csv")
    result = pull(place)
    assert result.landed == []
    assert result.undeclared == ["2025-01-staffordshire-custody.csv"]
    assert len(result.misdated) == 3


@pytest.mark.parametrize(
    "name",
    ["lsoa_E0６000021.geojson", "sape_lsoa21_population_density_mid2011_２０２４.csv",
     "incidents_٢٠٢٥-٠١.csv"],
)  # fmt: skip
def test_digits_of_other_scripts_are_no_period_and_no_part(name):
    """`２０２４` was another edition beside 2024."""
    contracts = load_contracts(PROJECT / "expectations" / "feeds").values()
    plain = unicodedata.normalize("NFKC", name).translate(
        {0x660 + digit: str(digit) for digit in range(10)}
    )
    assert match(SourceFile(plain, 1, 0.0), contracts) is not None
    assert match(SourceFile(name, 1, 0.0), contracts) is None


def test_only_some_feeds(place):
    put(place, b"one")
    put(place, b"two", name="lsoa_E06000021.geojson")
    assert [receipt.feed for receipt in pull(place, only=["lsoa_boundaries"]).landed] == [
        "reference/lsoa_boundaries"
    ]


def test_a_dry_pull_writes_nothing(place):
    put(place, b"one")
    assert len(pull(place, dry=True).landed) == 1
    assert receipts(place) == []


def test_two_forces_do_not_replace_each_other(place):
    put(place, b"one")
    put(place, b"two", name="2025-01-west-midlands-street.csv")
    pull(place)
    assert {receipt.slot for receipt in receipts(place)} == {
        "2025-01.staffordshire",
        "2025-01.west-midlands",
    }


def test_a_source_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(SourceError, match="is not a folder"):
        open_source(str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="cannot be opened"):
        open_source("nonsense://x")


@pytest.mark.parametrize(
    "place",
    ["sftp://csp:hunter2@127.0.0.1:1/out", "nonsense://csp:hunter2@host/x", "s3://key:hunter2@b/x",
     "https://csp:hunter2@[::1/x"],
)  # fmt: skip
def test_a_password_in_the_address_of_a_source_is_refused_and_not_repeated(place):
    with pytest.raises(SourceError, match="password") as told:
        open_source(place)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("place", ["sftp://csp@127.0.0.1:1/out", "ftp://127.0.0.1:1/out"])
def test_a_server_that_is_not_there_is_one_sentence(place):
    with pytest.raises(SourceError, match="could not be reached") as told:
        open_source(place)
    assert str(told.value).isprintable()


def test_two_claims_on_one_file_name_raise(place):
    contracts = night.contracts_of(place)
    street = contracts["police/street_crime"]
    with pytest.raises(ContractError, match="claimed by"):
        match(SourceFile(NAME, 1, 0.0), [street, street])


def test_what_a_killed_run_left_is_swept(place):
    leftover = place.landing / "police" / f"{TEMPORARY_PREFIX}abc.csv"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    assert sweep_temporaries(place.landing) == 1
    assert not leftover.exists()


def test_so_is_the_copy_of_the_candidate_that_it_worked_on(place):
    path = candidate.path_of(place)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a database")
    with candidate.copy(place) as copy:
        folder = copy.parent
    folder.mkdir()  # as a run that is killed leaves it
    (folder / f"{path.name}.wal").write_bytes(b"half of it")
    with night.alone(place):
        assert not folder.exists()
    assert path.read_bytes() == b"a database"


def test_two_runs_never_share_a_home(place):
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from orchestration import night\n"
        "from tests.conftest import settings_at\n"
        "try:\n"
        "    with night.alone(settings_at(Path(sys.argv[1]))): pass\n"
        "except night.AnotherRunIsOn: sys.exit(7)\n"
    )
    command = [sys.executable, "-c", code, str(place.home)]
    with night.alone(place), night.alone(place):
        assert subprocess.run(command, check=False).returncode == 7
    assert subprocess.run(command, check=False).returncode == 0


def test_a_shared_record_is_read_once_and_again_when_it_was_replaced(tmp_path):
    parsed, path = [], tmp_path / "record.json"

    def parse(document):
        parsed.append(document)
        return len(parsed)

    for text in ("{}", "{} ", "{} "):
        with replacing(path) as temporary:
            temporary.write_text(text)
        first, second = (read_record(path, parse, shared=True) for _ in range(2))
        assert first == second == len(parsed)
    assert len(parsed) == 3
