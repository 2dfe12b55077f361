"""The deployment's sources: read strictly, and never with a secret in them or in what is said."""

import re

import asyncssh
import pytest
import yaml

from orchestration.core.refusal import SourceError
from orchestration.core.settings import PROJECT, SettingsError, from_environment
from orchestration.ingest.transports.credentials import Secret
from orchestration.ingest.transports.failures import PermanentFailure
from orchestration.ingest.transports.pins import read_pin
from orchestration.ingest.transports.sources import load_sources

FEEDS = ("police/incidents", "police/recorded_crime", "police/street_crime", "fire/incidents")
PIN = f"SHA256:{'A' * 43}"
FOLDER = {"name": "fire", "kind": "folder", "address": "/srv/fire", "feeds": ["fire/incidents"]}
SFTP = {
    "name": "police",
    "kind": "sftp",
    "address": "sftp://csp@files.example.org:2222/outgoing",
    "feeds": ["police/incidents"],
    "private_key": "keys/police",
    "passphrase": {"env": "POLICE_PHRASE"},
    "host_key": PIN,
}
HTTPS = {
    "name": "council",
    "kind": "https",
    "address": "https://example.org/out/index.json",
    "feeds": ["police/incidents"],
    "ca_file": "/etc/ca.pem",
    "token": {"file": "token"},
    "redirects_to": ["files.example.org"],
}
S3 = {
    "name": "store",
    "kind": "s3",
    "address": "s3://bucket/prefix",
    "feeds": ["police/recorded_crime"],
    "endpoint": "https://store.example.org",
    "access_key": {"env": "STORE_KEY"},
    "secret_key": {"env": "STORE_SECRET"},
}
ARCHIVE = {
    "name": "archive",
    "kind": "police_archive",
    "address": "https://data.police.uk/data/archive/latest.zip",
    "feeds": ["police/street_crime"],
    "forces": ["staffordshire", "west-midlands"],
    "redirects_to": "policeuk-data.s3.amazonaws.com",
}
API = {
    "name": "api",
    "kind": "police_api",
    "address": "https://data.police.uk/api",
    "feeds": ["police/street_crime"],
    "force": "staffordshire",
    "polygons": ["52.9,-2.3:52.9,-2.1:53.1,-2.1"],
    "boundaries": "lsoa.geojson",
}


@pytest.fixture
def load(tmp_path):
    def from_items(*items):
        path = tmp_path / "sources.yaml"
        path.write_text(yaml.safe_dump({"sources": list(items)}), encoding="utf-8")
        return load_sources(path, FEEDS)

    return from_items


@pytest.mark.parametrize("item", [FOLDER, SFTP, HTTPS, S3, ARCHIVE, API], ids=lambda i: i["kind"])
def test_every_kind_is_read(load, item):
    (entry,) = load(item)
    assert (entry.kind, entry.name, entry.address) == (item["kind"], item["name"], item["address"])
    assert entry.terms.feeds == tuple(item["feeds"])


def test_paths_count_from_the_file_and_secrets_stay_where_they_are(load, tmp_path):
    police, council = load(SFTP, {**HTTPS, "feeds": ["fire/incidents"]})
    assert police.private_key == tmp_path / "keys" / "police"
    assert police.passphrase == Secret("POLICE_PHRASE")
    assert council.token == Secret(file=tmp_path / "token")


def test_what_uploads_can_be_watched_at_settles_by_default(load):
    fire, council = load(FOLDER, HTTPS)
    assert (fire.terms.settle_seconds, council.terms.settle_seconds) == (10, 0)
    assert (fire.terms.retries, council.terms.retries) == (3, 3)
    (fire,) = load({**FOLDER, "settle_seconds": 90, "retries": 0, "marker": ".done"})
    assert (fire.terms.settle_seconds, fire.terms.retries, fire.terms.marker) == (90, 0, ".done")


def without(item, key):
    return {name: value for name, value in item.items() if name != key}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({**FOLDER, "colour": "red"}, "source fire: a source of the kind folder has no key colour"),
        ({**FOLDER, "host_key": PIN}, "has no key host_key"),
        (without(FOLDER, "feeds"), "the key feeds is missing"),
        (without(SFTP, "host_key"), "the key host_key is missing"),
        (without(SFTP, "private_key"), "the key private_key is missing"),
        (without(S3, "secret_key"), "the key secret_key is missing"),
        ({**FOLDER, "kind": "ftp"}, "kind must be one of"),
        ({**FOLDER, "kind": ["sftp"]}, "kind must be one of"),
        ({**FOLDER, "name": "Fire Service"}, "name must be short names"),
        ({**FOLDER, "name": "../fire"}, "name must be short names"),
        ({**FOLDER, "feeds": []}, "feeds must be a list of at least one"),
        ({**FOLDER, "feeds": ["fire/incidents"] * 2}, "none of them twice"),
        ({**FOLDER, "feeds": ["fire/nosuch"]}, "no contract for the feed fire/nosuch"),
        ({**FOLDER, "address": "srv/fire"}, "the full path of a folder"),
        ({**FOLDER, "settle_seconds": -1}, "settle_seconds must be a number from 0"),
        ({**FOLDER, "settle_seconds": float("nan")}, "settle_seconds must be a number"),
        ({**FOLDER, "retries": True}, "retries must be a whole number"),
        ({**FOLDER, "retries": 11}, "retries must be a whole number from 0 to 10"),
        ({**FOLDER, "marker": "done"}, "an ending such as .done"),
        ({**FOLDER, "reread": "yes"}, "reread must be true or false"),
        ({**FOLDER, "max_bytes_by_feed": {"police/incidents": 5}}, "which it may not deliver"),
        ({**FOLDER, "max_bytes_by_feed": {"fire/incidents": 0}}, "must be a whole number"),
        ({**SFTP, "address": "sftp://files.example.org/x"}, "like sftp://user@host/folder"),
        ({**SFTP, "address": "sftp://csp@files.example.org:port/x"}, "address must be an address"),
        ({**SFTP, "host_key": "SHA256:short"}, "a SHA256 fingerprint or a line of known_hosts"),
        ({**SFTP, "host_key": "any"}, "a SHA256 fingerprint or a line of known_hosts"),
        ({**SFTP, "host_key": []}, "a list of at least one"),
        ({**HTTPS, "address": "http://example.org/index.json"}, "an https address"),
        ({**HTTPS, "address": "https://example.org/index.json?key=x"}, "without ? and #"),
        ({**HTTPS, "address": "https://user@example.org/index.json"}, "without a user name"),
        ({**HTTPS, "proxy": "http://me@proxy.example.org:3128"}, "without a user name"),
        ({**HTTPS, "redirects_to": ["*"]}, "names of hosts"),
        ({**S3, "endpoint": "http://store.example.org"}, "an https address"),
        ({**S3, "address": "https://bucket"}, "like s3://bucket/prefix"),
        ({**ARCHIVE, "forces": ["Staffordshire.*"]}, "short names"),
        ({**API, "polygons": ["52.9,-2.3"]}, "outlines as latitude,longitude"),
        ({**API, "requests_a_second": 16}, "a number from 0.01 to 15"),
        ({**FOLDER, "a\nb": 1}, "has no key a\\x0ab"),
        ("fire", "source 1 is not a set of keys and values"),
        ({1: 2}, "source 1 is not a set of keys and values"),
    ],
)
def test_what_is_not_as_agreed_is_one_sentence(load, item, words):
    with pytest.raises(SourceError) as told:
        load(item)
    assert words in str(told.value)
    assert str(told.value).startswith("sources.yaml: source ")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "item",
    [
        {**SFTP, "address": "sftp://csp:s3cret@files.example.org/x"},
        {**HTTPS, "address": "https://csp:s3cret@example.org/x"},
        {**SFTP, "passphrase": "s3cret"},
        {**SFTP, "passphrase": {"value": "s3cret"}},
        {**SFTP, "passphrase": {"env": "s3cret"}},
        {**SFTP, "passphrase": {"env": "CSP_S3CRET"}},
        {**SFTP, "private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret\n"},
        {**S3, "access_key": {"env": "AKIAABCDEFGHIJKLMNOP"}},
        {**HTTPS, "token": ["s3cret"]},
        {**FOLDER, "s3cret": "AKIAABCDEFGHIJKLMNOP"} | {"password": "://a:s3cret@"},
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(load, item):
    with pytest.raises(SourceError) as told:
        load(item)
    said = str(told.value).replace("has no key s3cret", "").replace("value of s3cret", "")
    assert "s3cret" not in said.lower()
    assert "AKIA" not in said


def test_a_feed_has_one_source_and_a_name_one_source(load):
    with pytest.raises(SourceError, match="police/street_crime is claimed by archive and by api"):
        load(ARCHIVE, API)
    with pytest.raises(SourceError, match="two sources are named fire"):
        load(FOLDER, {**SFTP, "name": "fire"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: [", "line 1: this is not YAML"),
        ("sources: []", "expected a list of sources"),
        ("sources: 3", "expected a list of sources"),
        ("source: []", "expected one key"),
        ("- 1", "expected one key"),
        ("sources: &a [*a]", "not a set of keys"),
        ("sources:\n  - name: a\n    kind: sftp\n    name: b\n", "line 2: this is not YAML"),
        ("sources: \0", "line 1: this is not YAML"),
        ("sources: !!python/object/apply:os.getpid []", "line 1: this is not YAML"),
    ],
)
def test_a_file_that_is_not_as_agreed_is_one_sentence(tmp_path, text, words):
    path = tmp_path / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"sources\.yaml") as told:
        load_sources(path, FEEDS)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_the_example_of_the_handbook_can_be_used(tmp_path, contracts):
    text = (PROJECT / "docs" / "sources.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "sources.yaml"
    path.write_text(example, encoding="utf-8")
    assert [entry.kind for entry in load_sources(path, contracts)] == [
        "sftp",
        "https",
        "s3",
        "folder",
        "police_archive",
    ]


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path):
    with pytest.raises(SourceError, match=r"nowhere\.yaml cannot be read"):
        load_sources(tmp_path / "nowhere.yaml", FEEDS)
    (tmp_path / "latin.yaml").write_bytes(b"sources: \xff")
    with pytest.raises(SourceError, match="UTF-8"):
        load_sources(tmp_path / "latin.yaml", FEEDS)


def test_the_setting_names_a_file_and_stands_alone(tmp_path):
    path = tmp_path / "sources.yaml"
    with pytest.raises(SettingsError, match=r"names sources\.yaml, which is not a file"):
        from_environment({"CSP_SOURCES": str(path)})
    path.touch()
    assert from_environment({"CSP_SOURCES": str(path)}).sources == path.resolve()
    with pytest.raises(SettingsError, match="both set"):
        from_environment({"CSP_SOURCES": str(path), "CSP_SOURCE": str(tmp_path)})
    assert from_environment({}).sources is None


def test_a_secret_is_read_from_where_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET", " s3cret\n")
    assert Secret("A_SECRET").read() == "s3cret"
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text("s3cret\n")
    secret = Secret(file=path)
    assert secret.read() == "s3cret"
    assert "s3cret" not in repr(secret)


@pytest.mark.parametrize("harm", ["absent", "empty", "open", "folder", "large"])
def test_a_secret_file_that_is_not_safe_is_permanent(tmp_path, harm):
    path = tmp_path / "secret"
    if harm == "folder":
        path.mkdir(mode=0o700)
    elif harm != "absent":
        path.touch(mode=0o600)
        path.write_text({"empty": " ", "large": "x" * 100_000}.get(harm, "s3cret"))
    if harm == "open":
        path.chmod(0o640)
    with pytest.raises(PermanentFailure, match="the secret file secret") as told:
        Secret(file=path).read()
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
def test_a_pin_is_read_in_both_forms(kind):
    key = asyncssh.generate_private_key(kind)
    public = key.export_public_key().decode().strip()
    fingerprint = key.get_fingerprint("sha256")
    assert read_pin(fingerprint).fingerprint == fingerprint
    assert read_pin(public).fingerprint == fingerprint
    assert read_pin(f"[files.example.org]:2222 {public} a comment").fingerprint == fingerprint
    assert all(word.startswith(("ssh-", "rsa-", "ecdsa-")) for word in read_pin(public).kinds)


def test_a_line_whose_key_is_of_another_kind_is_no_pin():
    other = asyncssh.generate_private_key("ssh-rsa").export_public_key().decode().split()[1]
    with pytest.raises(ValueError, match="not of the kind"):
        read_pin(f"host ssh-ed25519 {other}")
