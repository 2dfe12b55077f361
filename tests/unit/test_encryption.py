"""Raw and the candidate under a key: nothing can be read without it, and no key is told."""

import base64
import sys

import duckdb
import pytest

from orchestration.ingest.landing.deliveries import PASSED, deliveries
from orchestration.protection import encryption, rekey
from orchestration.protection.key_file import KeyFileError
from orchestration.transform.contract_sync import under_key
from tests.support.encrypted import (
    FIRST,
    ROWS,
    SECOND,
    VALUE,
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


def test_a_key_is_found_in_every_way_that_it_may_be_written():
    secret = bytes.fromhex(FIRST.split()[1])
    for text in (secret, FIRST, FIRST.upper(), base64.b64encode(secret), repr(FIRST)):
        assert not holds_no_key(text, SECOND, FIRST)
    assert holds_no_key(b"w1", FIRST, SECOND)


def test_raw_without_a_key_is_plain_and_no_extension_is_asked_for(harbour, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb_extension_httpfs", None)
    settings, contracts = harbour
    assert gated(settings, contracts) == []
    assert rows(settings) == ROWS
    assert {content[:4] for content in raw(settings).values()} == {b"PAR1"}
    assert not (settings.raw / "under_key").exists()


def test_nothing_in_raw_can_be_read_without_the_key(harbour, tmp_path):
    settings, contracts = harbour
    settings = under(settings, tmp_path, FIRST)
    assert gated(settings, contracts) == []
    assert [entry.state for entry in deliveries(settings, contracts)] == [PASSED, PASSED]
    assert rows(settings) == ROWS
    files = raw(settings)
    assert len(files) == 2 + 1 + 9  # deliveries, the one of no rows, what dbt is told
    for path, content in files.items():
        assert content[:4] == content[-4:] == b"PARE"
        assert b"unlike" not in content and b"notes" not in content
        with pytest.raises(duckdb.InvalidInputException, match="is encrypted"):
            duckdb.sql(f"from read_parquet('{path}')")
    for path in settings.home.rglob("*"):
        assert path.is_dir() or holds_no_key(path.read_bytes(), FIRST)
    assert holds_no_key(repr(settings) + repr(encryption.keys_of(settings)), FIRST)
    assert rekey.is_settled(settings)


def test_a_changed_byte_is_found(harbour, tmp_path):
    settings, contracts = harbour
    settings = under(settings, tmp_path, FIRST)
    gated(settings, contracts)
    path = next(path for path in raw(settings) if path.parent.parent.name == "boats")
    whole = path.read_bytes()
    every = f"from read_parquet('{path}'{encryption.reading(encryption.key_of(settings))})"
    with duckdb.connect() as connection:
        encryption.prepare(settings, connection)
        # It knows a file that changed by its time, and these changes come faster than a clock ticks.
        connection.execute("set enable_external_file_cache = false")
        assert len(connection.execute(every).fetchall()) == 2
        for place in range(20, len(whole) - 20, 101):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(duckdb.InvalidInputException, match="AES tag differs"):
                connection.execute(every)


def test_without_the_extension_nothing_is_written_and_it_is_said(harbour, tmp_path, monkeypatch):
    settings, contracts = harbour
    monkeypatch.setitem(sys.modules, "duckdb_extension_httpfs", None)
    with pytest.raises(KeyFileError, match="the httpfs extension for DuckDB"):
        gated(under(settings, tmp_path, FIRST), contracts)
    assert raw(settings) == {}


def test_a_prepared_connection_has_no_way_to_the_network(harbour, tmp_path):
    settings = under(harbour[0], tmp_path, FIRST)
    with duckdb.connect() as connection:
        encryption.prepare(settings, connection)
        for address in (
            "http://127.0.0.1:9/x",
            "https://127.0.0.1:9/x",
            "s3://x/x",
            "hf://datasets/x/y",
        ):
            with pytest.raises(duckdb.PermissionException, match="disabled by configuration"):
                connection.execute(f"from read_text('{address}')")
        for forbidden in ("set disabled_filesystems = ''", "reset disabled_filesystems"):
            with pytest.raises(duckdb.Error):
                connection.execute(forbidden)
        shown = connection.sql("from duckdb_settings()").fetchall()
        assert holds_no_key(str(shown), FIRST)


def test_what_is_spilt_to_disk_is_encrypted(harbour, tmp_path):
    spilt = (
        "create temp table t as select 'known words ' || i as a, repeat('known words', 3) as b "
        "from range(600000) as r(i)"
    )

    def files_of(settings):
        folder = tmp_path / "spilt"
        config = {"threads": 1, "memory_limit": "30MB", "temp_directory": str(folder)}
        with duckdb.connect(config=config) as connection:
            encryption.prepare(settings, connection)
            connection.execute(spilt)
            encryption.prepare(settings, connection.cursor())  # as every delivery does
            return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]

    assert any(b"known words" in content for content in files_of(harbour[0]))
    found = files_of(under(harbour[0], tmp_path, FIRST))
    assert found and not any(b"known words" in content for content in found)


@pytest.fixture
def candidate(harbour, tmp_path):
    """Settings with two keys, and a database that was written under the second."""
    settings = under(harbour[0], tmp_path, FIRST)
    path = tmp_path / "candidate.duckdb"
    with duckdb.connect() as connection:
        encryption.attach(settings, connection, path, "candidate", read_only=False)
        connection.execute(f"create table candidate.t as select '{VALUE}' as a from range(1000)")
        log = path.with_name("candidate.duckdb.wal").read_bytes()
        assert log and b"unlike" not in log
    assert b"unlike" not in path.read_bytes()
    return under(settings, tmp_path, SECOND, FIRST), path


def test_a_database_is_opened_by_any_of_the_keys(candidate):
    settings, path = candidate
    with duckdb.connect() as connection:
        encryption.attach(settings, connection, path, "candidate")
        assert connection.sql("select count(*) from candidate.t").fetchone() == (1000,)
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("create table candidate.u as select 1")
        assert holds_no_key(str(connection.sql("from duckdb_databases()").fetchall()), FIRST)
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect(str(path), read_only=True)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), "candidate.duckdb is encrypted and CSP_WAREHOUSE_KEY_FILE is not set"),
        ((SECOND,), "candidate.duckdb was not written with any key that the key file"),
    ],
)
def test_a_database_under_another_key_is_one_sentence(candidate, tmp_path, lines, words):
    settings, path = candidate
    before = path.read_bytes()
    with duckdb.connect() as connection, pytest.raises(KeyFileError, match=words) as caught:
        encryption.attach(under(settings, tmp_path, *lines), connection, path, "candidate")
    assert holds_no_key(str(caught.value) + repr(caught.value.__context__), FIRST, SECOND)
    assert path.read_bytes() == before


def test_a_plain_database_is_not_taken_for_an_encrypted_one(candidate, tmp_path):
    path = tmp_path / "plain.duckdb"
    duckdb.connect(str(path)).close()
    with duckdb.connect() as connection, pytest.raises(KeyFileError, match="was not written with"):
        encryption.attach(candidate[0], connection, path, "plain")


@pytest.mark.parametrize(
    ("location", "filled"),
    [
        (
            "read_parquet('fire/{name}/*/*.parquet', hive_partitioning = false)",
            "read_parquet('fire/x/*/*.parquet', hive_partitioning = false, e = {footer_key: 'w1'})",
        ),
        ("_manifest/{name}.parquet", "read_parquet('_manifest/x.parquet', e = {footer_key: 'w1'})"),
    ],
)
def test_a_source_is_read_under_the_key(location, filled):
    assert under_key(location, ", e = {footer_key: 'w1'}").format(name="x") == filled
