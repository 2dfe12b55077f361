"""Who may see what: each role's copy holds its own rows and no other's, and what is not right is refused."""

import base64
import csv
import grp
import os
import stat
from dataclasses import replace

import duckdb
import pytest

from orchestration.core import files, register
from orchestration.core.files import write_json
from orchestration.core.sealed import LedgerBroken
from orchestration.core.verified import Verified
from orchestration.protection.key_file import KeyFileError
from orchestration.release import role_copies, roles
from orchestration.release.role_tables import AREA, PARTNER, selection
from orchestration.release.roles import RolesRefused
from orchestration.release.verify import differences
from tests.conftest import settings_at

COLUMNS = ("role", "kind", "subject", "unix_group", "key_name")
FACTS = {
    "contracts": {"fire/incidents": {}, "police/crimes": {}},
    "synthetic": True,
    "inputs": "abc",
    "published_at": "2026-11-29T02:00:00+00:00",
    "official": {"tables": {"wards": 1}},
}
ALL_ROLES = (
    ("analysts", "full", "", "g1", ""),
    ("fire_service", "partner", "fire", "g2", ""),
    ("hanley", "area", "W1", "g3", ""),
    ("hanley", "area", "W2", "g3", ""),
    ("public_affairs", "controlled", "", "g4", ""),
)
CANDIDATE = """
create schema marts; create schema governance;
create table governance.about as select 'x' as notice;
create table governance.feeds as
    select * from (values ('fire/incidents', 'fire'), ('police/crimes', 'police')) t(feed, partner);
create table governance.deliveries as select feed, 'd' as delivery_id from governance.feeds;
create table governance.new_table as select 'police/crimes' as of_feed, 7 as rows_secret;
create table marts.dim_measure as select * from (values
    ('fires', 'fire/incidents'), ('thefts', 'police/crimes')) t(measure_id, feed);
create table marts.dim_area as select * from (values
    ('city', 'E1', null), ('ward', 'W1', 'W1'), ('lsoa', 'L1', 'W1'), ('ward', 'W2', 'W2'),
    ('ward', 'W3', 'W3'), ('lsoa', 'L3', 'W3')) t(area_type, area_code, ward_code);
create table marts.fct_measure as
    select measure_id, area_type, area_code, 3 as count from marts.dim_measure, marts.dim_area;
create table marts.ward_funnel as
    select measure_id, area_code from marts.fct_measure where area_type = 'ward';
create table marts.perception as select 12 as respondents;
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Settings with a partnership's folder of its own, a candidate and a finished publication."""
    monkeypatch.setattr(register, "table", lambda settings, name: tmp_path / f"{name}.csv")
    monkeypatch.setattr(roles, "_group_number", lambda role: int(role.group[1:]))
    monkeypatch.setattr(roles, "members", lambda group: [f"{group}-reader"])
    monkeypatch.setattr(os, "chown", lambda *given, **more: None)
    settings = settings_at(tmp_path / "home")
    publication = settings.publications / "abc-12345678"
    (publication / "official").mkdir(parents=True)
    duckdb.execute(f"copy (select 'W1' as ward_code) to '{publication}/official/wards.parquet'")
    write_json(publication / "manifest.json", {"files": {}})
    candidate = tmp_path / "candidate.duckdb"
    with duckdb.connect(str(candidate)) as connection:
        connection.execute(CANDIDATE)
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()
    facts = {**FACTS, "tables": {name: 1 for (name,) in tables}}

    def write(*rows, settings=settings):
        with (tmp_path / "publication_roles.csv").open("w", newline="") as lines:
            csv.writer(lines).writerows([COLUMNS, *rows])
        given = role_copies.write(settings, candidate, publication, facts)
        roles.record(settings, given)
        return {entry["role"]: entry for entry in given}

    write.settings = settings
    return write


def rows(settings, role, query):
    path = settings.home / "given" / role / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def tables(settings, role):
    return {
        f"{schema}.{name}"
        for schema, name in rows(
            settings, role, "select schema_name, table_name from duckdb_tables()"
        )
    }


def test_a_partners_copy_holds_no_row_of_another_partners(place):
    place(*ALL_ROLES)
    given = place.settings
    assert tables(given, "fire_service") == {
        "governance.about", "governance.feeds", "governance.deliveries",
        "marts.dim_measure", "marts.dim_area", "marts.fct_measure", "marts.ward_funnel",
    }  # fmt: skip
    for table in ("marts.fct_measure", "marts.ward_funnel", "marts.dim_measure"):
        query = f"select distinct measure_id from {table}"
        assert rows(given, "fire_service", query) == [("fires",)]
    for table in ("governance.feeds", "governance.deliveries"):
        query = f"select distinct feed from {table}"
        assert rows(given, "fire_service", query) == [("fire/incidents",)]


def test_an_areas_copy_holds_no_row_of_another_area(place):
    place(*ALL_ROLES)
    query = "select distinct area_code from marts.fct_measure order by 1"
    assert rows(place.settings, "hanley", query) == [("L1",), ("W1",), ("W2",)]
    found = rows(
        place.settings, "hanley", "select distinct area_code from marts.ward_funnel order by 1"
    )
    assert found == [("W1",), ("W2",)]
    assert "governance.deliveries" not in tables(place.settings, "hanley")
    assert "marts.perception" not in tables(place.settings, "hanley")


def test_a_controlled_copy_holds_the_controlled_tables_and_nothing_else(place):
    given = place(*ALL_ROLES)
    folder = place.settings.home / "given" / "public_affairs"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"manifest.json", "official/wards.parquet"}
    assert given["public_affairs"]["marking"] == "OFFICIAL"
    assert given["fire_service"]["marking"] == "OFFICIAL-SENSITIVE"


@pytest.mark.parametrize("kind", [PARTNER, AREA])
def test_a_table_that_no_rule_names_is_left_out(kind):
    assert selection(kind, "marts.of_tomorrow", ("count", "of_feed")) is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("fire_service", "partner", "fire", "", ""), "has no group"),
        (("fire_service", "partner", "coastguard", "g2", ""), "unknown here"),
        (("fire_service", "partner", "", "g2", ""), "names no partner"),
        (("hanley", "area", "W9", "g3", ""), "unknown here"),
        (("hanley", "area", "", "g3", ""), "names no area"),
        (("all", "full", "fire", "g1", ""), "names a subject"),
        (("all", "everything", "", "g1", ""), "has no kind"),
        (("All of us", "full", "", "g1", ""), "no name of a role"),
        (("board", "controlled", "", "g1", "k1"), "only the full copy"),
        (("board", "full", "", "g1", "k1"), "CSP_ROLE_KEY_FILE is not set"),
        (("other", "controlled", "", "g9", ""), "have one group"),
    ],
)
def test_a_role_that_is_not_right_refuses_the_publication(place, row, said):
    before = place(("analysts", "full", "", "g9", ""))
    kept = (place.settings.home / "given").resolve()
    with pytest.raises(RolesRefused, match=said):
        place(("analysts", "full", "", "g9", ""), row)
    assert (place.settings.home / "given").resolve() == kept
    assert len(roles.ledger(place.settings).entries()) == len(before)


def test_a_group_that_the_machine_does_not_know_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(register, "table", lambda settings, name: tmp_path / f"{name}.csv")
    path = tmp_path / "publication_roles.csv"
    path.write_text(",".join(COLUMNS) + "\nanalysts,full,,no-such-group,\n")
    settings = settings_at(tmp_path / "home")
    with pytest.raises(RolesRefused, match="does not know"):
        roles.held_to(settings, {"fire"})
    assert not roles.protect(settings, settings.publications), "nobody reads rather than anybody"


def test_what_was_given_is_recorded_once_and_sealed(place):
    place(*ALL_ROLES)
    place(*ALL_ROLES)
    entries = roles.ledger(place.settings).entries()
    assert [entry["role"] for entry in entries] == [
        "analysts", "fire_service", "hanley", "public_affairs",
    ]  # fmt: skip
    assert entries[1]["members"] == ["g2-reader"]
    assert entries[1]["tables"]["marts.fct_measure"] == 6
    assert entries[2]["subjects"] == ["W1", "W2"]
    place(*ALL_ROLES[:2], ("hanley", "area", "W3", "g3", ""))
    assert [entry["role"] for entry in roles.ledger(place.settings).entries()[4:]] == ["hanley"]
    path = roles.ledger(place.settings).path
    path.write_text(path.read_text().replace('"W3"', '"W1"'))
    with pytest.raises(LedgerBroken):
        place(*ALL_ROLES)


def test_each_folder_is_verifiable_and_only_its_group_reads_it(place):
    place(*ALL_ROLES)
    home = place.settings.home
    for role in ("analysts", "fire_service", "hanley", "public_affairs"):
        folder = home / "given" / role
        assert differences(folder) == []
        assert stat.S_IMODE(folder.stat().st_mode) == 0o750
        assert not [p for p in folder.rglob("*") if p.stat().st_mode & stat.S_IRWXO]
    files.tighten(home, [], [home / ".given"], roles.passage(place.settings) or files.PASSAGE)
    assert stat.S_IMODE(home.stat().st_mode) == 0o711
    assert stat.S_IMODE((home / "given").resolve().stat().st_mode) == 0o711
    place()
    assert not (home / "given").exists()
    assert roles.passage(place.settings) is None


def test_with_roles_nobody_but_a_full_one_reads_what_is_published(place):
    place()
    assert roles.protect(place.settings, place.settings.publications), "as before there were roles"
    place(ALL_ROLES[1])
    assert not roles.protect(place.settings, place.settings.publications)
    place(*ALL_ROLES)
    assert roles.protect(place.settings, place.settings.publications)


def test_a_full_copy_under_a_key_opens_with_that_key_alone(place, tmp_path):
    keys = tmp_path / "roles.txt"
    secret = "0123456789abcdef" * 4
    keys.write_text(f"board1 {secret}\nother1 {'fedcba9876543210' * 4}\n")
    keys.chmod(0o600)
    settings = replace(place.settings, role_key_file=keys)
    place(("board", "full", "", "g1", "board1"), settings=settings)
    path = settings.home / "given" / "board" / "warehouse.duckdb"
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(path), read_only=True).execute("select 1")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as it (read_only, encryption_key '{_base64(secret)}')")
        assert connection.execute("select count(*) from it.marts.fct_measure").fetchone() == (12,)
    assert b"thefts" not in path.read_bytes()
    assert not roles.protect(settings, settings.publications), "published/ itself is in the clear"
    with pytest.raises(RolesRefused, match="the key file of roles has not"):
        place(("board", "full", "", "g1", "board2"), settings=settings)
    keys.chmod(0o644)
    with pytest.raises(KeyFileError):
        place(("board", "full", "", "g1", "board1"), settings=settings)


def _base64(secret):
    return base64.b64encode(bytes.fromhex(secret)).decode()


def test_the_members_of_a_group_are_those_of_the_machine():
    own = grp.getgrgid(os.getegid()).gr_name
    assert roles.members(own) == sorted(roles.members(own))


def test_a_role_has_the_same_from_the_publication_itself(place, tmp_path):
    """As when an earlier publication is put back, whose candidate is gone."""
    place(*ALL_ROLES)
    settings = place.settings
    query = "select * from marts.fct_measure order by all"
    before = {role: rows(settings, role, query) for role in ("fire_service", "hanley")}
    publication = settings.publications / "abc-12345678"
    os.replace(tmp_path / "candidate.duckdb", publication / "warehouse.duckdb")
    facts = {**FACTS, "tables": {"marts.fct_measure": 1}}
    roles.record(settings, role_copies.write(settings, None, publication, facts))
    assert {role: rows(settings, role, query) for role in before} == before


def test_a_copy_that_changed_is_found(place):
    place(*ALL_ROLES)
    settings = place.settings

    def found():
        return role_copies.damaged(settings, Verified(settings.home), settings.today)

    assert found() == []
    path = settings.home / "given" / "hanley" / "manifest.json"
    sound = path.read_bytes()
    path.write_bytes(sound.replace(b"W1", b"W3"))
    assert found() == ["hanley"]
    path.write_bytes(sound)
    (settings.home / "given" / "fire_service" / "warehouse.duckdb").unlink()
    assert found() == ["fire_service"]
