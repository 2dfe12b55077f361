"""One night against an SFTP server, an HTTPS server and a folder at once: one is down, one sends rubbish.

The home is one of the release before: what it holds is published beside what comes.
"""

import json
import shutil
import socket

import asyncssh
import duckdb
import pytest
import trustme
import yaml

from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.ingest.transports import SYNTHETIC_MARKER
from orchestration.synthetic import reference, sample
from tests.conftest import settings_at
from tests.integration.test_upgrade import EDITION, OLD
from tests.support.commands import DONE, csp
from tests.support.servers import folder, sftp_server, web_server

NEWEST, BEFORE = "2026-08", "2026-07"
POLICE = ("police/street_crime", "police/missing_episodes")
FIRE, HEALTH, VICTIMS = "fire/incidents", "health/ambulance_calls", "voluntary/victim_support"


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    """What the partners have: two months each, and places. The fire service's newest is spoiled."""
    place = tmp_path_factory.mktemp("partners")
    feeds = [*POLICE, FIRE, HEALTH, *reference.FEEDS]
    sample.write(
        settings_at(place / "home"), place, months=2, only=feeds, faults=["fire_american_dates"]
    )
    for partner in ("police", "fire"):
        shutil.copy(place / SYNTHETIC_MARKER, place / partner)
    drop = place / "drop"
    drop.mkdir()
    for path in (SYNTHETIC_MARKER, "reference", "health"):
        shutil.move(place / path, drop / path)
    (drop / "health" / f"ambulance_calls_{NEWEST}.json").unlink()  # late
    return place


@pytest.fixture(scope="module")
def night(extracts, tmp_path_factory):
    """The night itself, once: what `csp refresh` gave back, and the home that it left."""
    place, key = tmp_path_factory.mktemp("deployment"), asyncssh.generate_private_key("ssh-ed25519")
    shutil.copytree(OLD, place / "home")
    (place / "home" / "dagster" / "dagster.yaml").unlink()  # runs are kept in SQLite here
    (place / "key").touch(mode=0o600)
    (place / "key").write_bytes(key.export_private_key())
    authority = trustme.CA()
    authority.cert_pem.write_to_path(place / "ca.pem")
    files = sorted((extracts / "fire").iterdir())
    index = {
        "files": [{"path": f.name, "size": f.stat().st_size, "sha256": sha256_of(f)} for f in files]
    }
    (extracts / "fire" / "index.json").write_text(json.dumps(index), encoding="utf-8")
    patience = {"retries": 1, "backoff_seconds": 0.01, "timeout_seconds": 5, "settle_seconds": 0}
    with (
        sftp_server(extracts / "police", key) as police,
        web_server(folder(extracts / "fire"), authority.issue_cert("127.0.0.1")) as fire,
        socket.socket() as closed,
    ):
        closed.bind(("127.0.0.1", 0))
        login = {"private_key": "key", "host_key": police.fingerprint}
        sources = [
            {
                "name": "police-server",
                "kind": "sftp",
                "address": f"sftp://csp@127.0.0.1:{police.port}/",
                "feeds": list(POLICE),
                **login,
            },
            {
                "name": "fire-site",
                "kind": "https",
                "address": f"{fire.address}/index.json",
                "feeds": [FIRE],
                "ca_file": "ca.pem",
            },
            {
                "name": "drop",
                "kind": "folder",
                "address": str(extracts / "drop"),
                "feeds": [HEALTH, *reference.FEEDS],
            },
            {
                "name": "victims-server",
                "kind": "sftp",
                "address": f"sftp://csp@127.0.0.1:{closed.getsockname()[1]}/",
                "feeds": [VICTIMS],
                **login,
            },
        ]
        listed = {"sources": [{**source, **patience} for source in sources]}
        (place / "sources.yaml").write_text(yaml.safe_dump(listed), encoding="utf-8")
        settings = {"home": place / "home", "CSP_SOURCES": str(place / "sources.yaml")}
        refreshed = csp("refresh", **settings)
        yield refreshed, csp("digest", **settings), place / "home"


def live_months(home, feed):
    database = (home / "published" / "warehouse.duckdb").resolve()
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "select period, state from governance.completeness "
            "where feed = ? and is_expected_part and period in (?, ?) order by period",
            [feed, BEFORE, NEWEST],
        ).fetchall()


def test_the_others_are_published(night):
    refreshed, _, home = night
    assert refreshed.code == DONE, refreshed.error
    assert "Published" in refreshed.text and "SYNTHETIC" in refreshed.text
    for feed in POLICE:
        assert [state for _, state in live_months(home, feed)] == ["delivered"] * 2, feed
    assert live_months(home, FIRE) == [(BEFORE, "delivered"), (NEWEST, "refused")]
    assert live_months(home, HEALTH) == [(BEFORE, "delivered"), (NEWEST, "missing")]
    assert {state for _, state in live_months(home, VICTIMS)} == {"missing"}


def test_what_the_release_before_had_landed_is_published(night):
    _, _, home = night
    landed = {
        ("council/asb_case_reviews", "2025-26"),
        ("fire/incidents", "2026-05"),
        ("fire/incidents", "2026-06"),
    }
    database = (home / "published" / "warehouse.duckdb").resolve()
    with duckdb.connect(str(database), read_only=True) as connection:
        known = connection.sql(
            "select feed, period from governance.deliveries where is_current and state = 'passed'"
        ).fetchall()
    assert landed < set(known)
    assert csp("verify", home / EDITION, home=home).code == DONE


def test_the_summary_says_who_was_down_and_what_was_set_aside(night):
    lines = night[0].text.splitlines()
    (down,) = [line for line in lines if "victims-server" in line]
    assert down.startswith("  victims-server (transient): ")
    assert "Sources  1 problem at the last pull" in lines
    (refused,) = [line for line in lines if line.startswith(f"  {FIRE} {NEWEST}/")]
    assert "call_time" in refused
    assert any(line.startswith("Gate 1") and line.endswith("1 set aside") for line in lines)


def test_the_digest_says_each_in_one_sentence(night):
    _, digest, _ = night
    assert digest.code == DONE, digest.error
    told = [line for line in digest.text.splitlines() if line.startswith("- ")]
    (down,) = [line for line in told if "victims-server" in line]
    assert down.startswith(f"- victims-server (transient failure; {VICTIMS}): the ")
    (refused,) = [line for line in told if f"{FIRE} {NEWEST}:" in line]
    assert "call_time" in refused and "(rule rejected_share)" in refused
    late = [line for line in told if line.startswith(f"- {HEALTH}: ") and "owed by" in line]
    assert len(late) == 1 and "Prescribed Information" in late[0]
    assert all(line.endswith(".") for line in (down, refused, *late))


def test_nothing_of_what_was_refused_is_in_what_is_said(night, extracts):
    refreshed, digest, _ = night
    newest = extracts / "fire" / f"fire_incidents_{NEWEST}.csv"
    numbers = [line.split(",")[0] for line in newest.read_text("utf-8").splitlines()[1:50]]
    assert len(numbers) > 40
    for text in (refreshed.text, digest.text):
        assert not [number for number in numbers if number in text]
        assert str(PROJECT) not in digest.text
