"""SFTP against a real server: whom we trust, what is tried again, what is never followed."""

from contextlib import closing
from dataclasses import replace

import asyncssh
import pytest

from orchestration.ingest.landing import pull as landing
from orchestration.ingest.transports import Entry, Terms
from orchestration.ingest.transports.connect import connect
from orchestration.ingest.transports.credentials import Secret
from orchestration.ingest.transports.failures import PermanentFailure, TransientFailure
from tests.conftest import settings_at
from tests.support.servers import Answer, sftp_server, web_server

FEED = "police/street_crime"
NAME = "2025-01-staffordshire-street.csv"
CONTENT = b"Crime ID,Month\n" + b"a,2025-01\n" * 20_000  # several reads of 32 kilobytes


@pytest.fixture(scope="module")
def key():
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def server(tmp_path, key):
    (tmp_path / "remote" / "out").mkdir(parents=True)
    (tmp_path / "remote" / "out" / NAME).write_bytes(CONTENT)
    with sftp_server(tmp_path / "remote", key) as running:
        yield running


@pytest.fixture
def entry(server, tmp_path, key):
    return entry_for(server, tmp_path, key)


def entry_for(server, folder, key, form="openssh", **changes):
    path = folder / "key"
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key(form))
    terms = Terms("police", (FEED,), retries=2, backoff_seconds=0.01)
    entry = Entry(
        "sftp",
        f"sftp://csp@127.0.0.1:{server.port}/out",
        terms,
        timeout_seconds=5,
        private_key=path,
        host_keys=(server.known_hosts_line,),
    )
    return replace(entry, **changes)


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home")


@pytest.fixture
def pull(contracts):
    def from_entry(home, entry):
        with closing(connect(entry)) as source:
            return landing.pull(home, contracts, source, terms=entry.terms)

    return from_entry


@pytest.mark.parametrize("pin", ["known_hosts_line", "fingerprint"])
def test_a_file_lands_unchanged(server, entry, home, pin, pull):
    result = pull(home, replace(entry, host_keys=(getattr(server, pin),)))
    (receipt,) = result.landed
    assert receipt.bytes_path(home).read_bytes() == CONTENT
    assert (receipt.source, result.problems) == ("police", [])


def test_an_unchanged_file_is_not_read_again(server, entry, home, pull):
    pull(home, entry)
    reads = server.reads
    assert pull(home, entry).known == 1
    assert server.reads == reads


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
@pytest.mark.parametrize("pin", ["known_hosts_line", "fingerprint"])
def test_a_changed_host_key_is_permanent_and_no_login_is_tried(
    server, entry, tmp_path, key, kind, pin
):
    changed = asyncssh.generate_private_key(kind)
    with sftp_server(tmp_path / "remote", key, host_key=changed) as other:
        address = f"sftp://csp@127.0.0.1:{other.port}/out"
        changed_entry = replace(entry, address=address, host_keys=(getattr(server, pin),))
        with pytest.raises(PermanentFailure, match="host key"):
            connect(changed_entry).files()
        assert other.logins == 0


def test_one_of_several_pins_is_enough(server, entry, tmp_path, key):
    new = asyncssh.generate_private_key("ssh-ed25519")
    pins = (server.fingerprint, f"SHA256:{'A' * 43}")
    assert new.get_fingerprint("sha256") not in pins
    assert [file.name for file in connect(replace(entry, host_keys=pins)).files()] == [NAME]


def test_a_refused_login_is_permanent_and_tried_once(server, tmp_path):
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    source = connect(entry_for(server, tmp_path, stranger))
    with pytest.raises(PermanentFailure, match="refused the login"):
        source.files()
    assert server.logins == 1


def test_a_key_that_others_can_read_is_not_used(server, entry):
    entry.private_key.chmod(0o644)
    with pytest.raises(PermanentFailure, match="set its mode to 0600"):
        connect(entry).files()
    assert server.logins == 0


@pytest.mark.parametrize("phrase", [b"right\n", b"wrong\n", None])
def test_a_key_with_a_passphrase(server, entry, tmp_path, key, phrase):
    entry.private_key.write_bytes(key.export_private_key(passphrase="right", rounds=50))
    secret = tmp_path / "phrase"
    secret.touch(mode=0o600)
    secret.write_bytes(phrase or b"")
    source = connect(replace(entry, passphrase=Secret(file=secret) if phrase else None))
    if phrase == b"right\n":
        assert len(source.files()) == 1
        return
    with pytest.raises(PermanentFailure, match="private key key cannot be used") as told:
        source.files()
    assert "wrong" not in str(told.value)


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256"])
def test_keys_of_other_kinds_and_forms_are_read(tmp_path, kind, form, server):
    own = asyncssh.generate_private_key(kind)
    with sftp_server(tmp_path / "remote", own, host_key=server.host_key) as other:
        assert len(connect(entry_for(other, tmp_path, own, form=form)).files()) == 1


def test_what_is_not_a_key_is_one_sentence(entry):
    entry.private_key.write_bytes(b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n\xff\n")
    with pytest.raises(PermanentFailure, match="cannot be used"):
        connect(entry).files()


def test_a_connection_lost_in_the_middle_is_tried_again_from_the_start(server, entry, home, pull):
    server.drops, server.drop_at = 2, 70_000
    (receipt,) = pull(home, entry).landed
    assert receipt.bytes_path(home).read_bytes() == CONTENT
    assert (server.logins, server.drops) == (3, 0)


def test_a_connection_that_is_always_lost_leaves_nothing_and_is_transient(
    server, entry, home, pull
):
    server.drops, server.drop_at = 99, 70_000
    result = pull(home, entry)
    (problem,) = result.problems
    assert (problem.source, problem.kind, problem.feeds) == ("police", "transient", (FEED,))
    assert problem.file in problem.sentence and problem.file == NAME
    assert result.landed == []
    assert result.may_be_tried_again
    assert 99 - server.drops == 1 + entry.terms.retries
    assert [p for p in home.landing.rglob("*") if p.is_file()] == [home.landing / "sightings.json"]
    server.drops = 0
    assert len(pull(home, entry).landed) == 1


def test_a_server_that_does_not_answer_is_given_up(server, entry, home, pull):
    server.stalls = True
    quick = replace(entry, timeout_seconds=0.3, terms=replace(entry.terms, retries=1))
    (problem,) = pull(home, quick).problems
    assert problem.kind == "transient"


def test_a_server_that_is_not_there_is_transient(server, entry):
    nobody = replace(entry, address="sftp://csp@127.0.0.1:1/out")
    with pytest.raises(TransientFailure, match="connection failed"):
        connect(nobody).files()


def test_a_folder_that_is_not_there_is_permanent(server, entry):
    nowhere = replace(entry, address=entry.address.replace("/out", "/elsewhere"))
    with pytest.raises(PermanentFailure, match="is not there"):
        connect(nowhere).files()


def test_links_and_strange_names_are_refused_and_the_rest_lands(
    server, entry, home, tmp_path, pull
):
    out = tmp_path / "remote" / "out"
    (out / "2025-02-staffordshire-street.csv").symlink_to(out / NAME)
    server.strange_names = [
        "../2025-03-staffordshire-street.csv",
        "a\nb.csv",
        "x\0.csv",
        "a\\b.csv",
    ]
    top = replace(entry, address=entry.address.removesuffix("/out"))
    result = pull(home, top)
    assert [receipt.period for receipt in result.landed] == ["2025-01"]
    sentences = [problem.sentence for problem in result.problems]
    assert len(sentences) == 5
    assert sum("symbolic link" in sentence for sentence in sentences) == 1
    assert all(sentence.isprintable() for sentence in sentences)
    assert all(problem.sentence.startswith(problem.file) for problem in result.problems)


def test_a_name_that_is_not_text_is_one_sentence(server, entry):
    server.strange_names = ["\udcff.csv"]
    with pytest.raises(PermanentFailure, match="not text in UTF-8"):
        connect(replace(entry, address=entry.address.removesuffix("/out"))).files()


def test_a_server_that_speaks_no_ssh_is_transient(entry):
    with web_server(lambda request: Answer()) as other:
        port = other.address.rpartition(":")[2]
        with pytest.raises(TransientFailure):
            connect(replace(entry, address=f"sftp://csp@127.0.0.1:{port}/")).files()


def test_a_file_over_the_limit_is_refused(server, entry, home, pull):
    small = replace(entry, terms=replace(entry.terms, max_bytes_by_feed={FEED: 1000}))
    (problem,) = pull(home, small).problems
    assert "larger than the 1,000 bytes" in problem.sentence
    assert server.reads == 0


def test_too_many_files_are_a_permanent_failure(server, entry, tmp_path):
    (tmp_path / "remote" / "out" / "more.csv").touch()
    with pytest.raises(PermanentFailure, match="more than the 1 files"):
        connect(replace(entry, max_files=1)).files()


@pytest.mark.parametrize(
    ("most", "seconds", "failure", "words"),
    [
        (500, 60, PermanentFailure, "more than the 500 files"),
        (10**6, 0.3, TransientFailure, "longer than 0.3 seconds to list"),
    ],
)
def test_a_listing_without_end_is_cut(server, entry, most, seconds, failure, words):
    server.endless = True
    top = replace(entry, address=entry.address.removesuffix("/out"))
    with pytest.raises(failure, match=words):
        connect(replace(top, max_files=most, file_seconds=seconds)).files()


def test_folders_without_files_are_counted(entry, tmp_path):
    for number in range(10):
        (tmp_path / "remote" / "out" / f"a{number}" / "b").mkdir(parents=True)
    assert len(connect(replace(entry, max_files=21)).files()) == 1
    with pytest.raises(PermanentFailure, match="more than the 20 files"):
        connect(replace(entry, max_files=20)).files()
