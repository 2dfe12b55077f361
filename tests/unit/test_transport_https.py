"""HTTPS files against a real server: certificates, redirects, bodies cut short, changes unseen."""

import json
from contextlib import closing
from dataclasses import replace
from hashlib import sha256

import pytest
import trustme

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports import Entry, Terms, connect
from orchestration.ingest.transports.credentials import Secret
from orchestration.ingest.transports.failures import PermanentFailure, TransientFailure
from tests.support.servers import Answer, web_server

FEED = "police/street_crime"
NAME = "2025-01-staffordshire-street.csv"
CONTENT = b"Crime ID,Month\n" + b"a,2025-01\n" * 20_000
WHEN = "2025-02-01T06:00:00Z"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def site():
    """What the server has: answers by path. The index lists one file by size and time."""
    item = {"path": NAME, "size": len(CONTENT), "modified": WHEN}
    return {"/out/index.json": index(item), f"/out/{NAME}": Answer(CONTENT)}


def index(*items):
    return Answer(json.dumps({"files": list(items)}).encode())


@pytest.fixture
def server(site, authority):
    certificate = authority.issue_cert("127.0.0.1")
    with web_server(lambda r: site.get(r.path, Answer(status=404)), certificate) as running:
        yield running


@pytest.fixture
def entry(server, authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    terms = Terms("council", (FEED,), retries=2, backoff_seconds=0.01)
    return Entry(
        "https",
        f"{server.address}/out/index.json",
        terms,
        timeout_seconds=2,
        ca_file=tmp_path / "ca.pem",
    )


def list_files(entry):
    with closing(connect(entry)) as source:
        return source.files()


def fetched(server):
    return [request.path for request in server.requests if request.path.endswith(".csv")]


def test_a_file_lands_unchanged_and_is_not_fetched_twice(server, entry, home, pull):
    (receipt,) = pull(entry).landed
    assert receipt.bytes_path(home).read_bytes() == CONTENT
    assert pull(entry).known == 1
    assert len(fetched(server)) == 1


def test_a_certificate_that_we_do_not_trust_is_permanent(entry, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    with pytest.raises(PermanentFailure, match="certificate"):
        list_files(replace(entry, ca_file=tmp_path / "other.pem"))
    with pytest.raises(PermanentFailure, match="certificate"):
        list_files(replace(entry, ca_file=None))


def test_a_certificate_of_another_name_is_permanent(entry, site, authority):
    with web_server(lambda r: site[r.path], authority.issue_cert("example.org")) as other:
        with pytest.raises(PermanentFailure, match="certificate"):
            list_files(replace(entry, address=f"{other.address}/out/index.json"))
        assert other.requests == []


def test_a_redirect_to_another_host_is_refused_unless_it_is_named(entry, site, authority):
    with web_server(lambda r: Answer(CONTENT), authority.issue_cert("localhost")) as other:
        elsewhere = other.address.replace("127.0.0.1", "localhost")
        site["/out/index.json"] = Answer(status=302, headers={"Location": f"{elsewhere}/x"})
        with pytest.raises(PermanentFailure, match="redirects to another host"):
            list_files(entry)
        assert other.requests == []


def test_a_redirect_that_is_named_is_followed_without_our_secret(
    entry, site, server, authority, monkeypatch, pull
):
    with web_server(lambda r: Answer(CONTENT), authority.issue_cert("localhost")) as other:
        elsewhere = other.address.replace("127.0.0.1", "localhost")
        site[f"/out/{NAME}"] = Answer(status=302, headers={"Location": f"{elsewhere}/x"})
        monkeypatch.setenv("COUNCIL_TOKEN", "s3cret")
        token = Secret("COUNCIL_TOKEN")
        result = pull(replace(entry, redirects_to=("localhost",), token=token))
        assert len(result.landed) == 1
        assert {r.headers["Authorization"] for r in server.requests} == {"Bearer s3cret"}
        assert "Authorization" not in other.requests[0].headers


@pytest.mark.parametrize("location", ["http://[", "", "//", "http://127.0.0.1:x/"])
def test_a_redirect_to_nowhere_is_permanent(entry, site, location):
    site["/out/index.json"] = Answer(status=302, headers={"Location": location})
    with pytest.raises(PermanentFailure, match="redirect"):
        list_files(entry)


def test_a_redirect_within_the_host_is_followed_but_not_for_ever(entry, site):
    site["/x"] = site["/out/index.json"]
    site["/out/index.json"] = Answer(status=301, headers={"Location": "/x"})
    assert len(list_files(entry)) == 1
    site["/x"] = Answer(status=301, headers={"Location": "/x"})
    with pytest.raises(PermanentFailure, match="redirected more than 3 times"):
        list_files(entry)


def test_a_refused_login_is_permanent_and_never_names_the_secret(entry, site, monkeypatch):
    site["/out/index.json"] = Answer(status=401)
    monkeypatch.setenv("COUNCIL_TOKEN", "s3cret")
    with pytest.raises(PermanentFailure, match="refused the login") as told:
        list_files(replace(entry, token=Secret("COUNCIL_TOKEN")))
    assert "s3cret" not in str(told.value)


def test_a_token_that_is_not_set_is_permanent(entry):
    with pytest.raises(PermanentFailure, match="NOBODY_SET_THIS holds no secret"):
        list_files(replace(entry, token=Secret("NOBODY_SET_THIS")))


def test_a_body_cut_short_is_fetched_again(server, entry, site, home, pull):
    site[f"/out/{NAME}"] = Answer(CONTENT, cut_at=100_000)
    result = pull(entry)
    (problem,) = result.problems
    assert (problem.kind, problem.feeds, result.landed) == ("transient", (FEED,), [])
    assert len(fetched(server)) == 1 + entry.terms.retries
    assert not list(home.landing.rglob("*.csv"))
    site[f"/out/{NAME}"] = Answer(CONTENT)
    assert len(pull(entry).landed) == 1


def test_a_server_that_is_slow_is_given_up(entry, site, pull):
    site[f"/out/{NAME}"] = Answer(CONTENT, delay=5)
    (problem,) = pull(replace(entry, timeout_seconds=0.2)).problems
    assert problem.kind == "transient"


def test_a_file_that_trickles_is_given_up_though_no_single_wait_is_long(entry, site, pull):
    site[f"/out/{NAME}"] = Answer(CONTENT, trickle=0.05)
    once = replace(entry.terms, retries=0)
    (problem,) = pull(replace(entry, file_seconds=0.2, terms=once)).problems
    assert (problem.kind, "took longer" in problem.sentence) == ("transient", True)


def test_what_the_index_does_not_say_is_asked_of_the_server(server, entry, site, pull):
    site["/out/index.json"] = index({"path": NAME})
    site[f"/out/{NAME}"] = Answer(CONTENT, headers={"ETag": '"one"'})
    assert len(pull(entry).landed) == 1
    assert pull(entry).known == 1
    site[f"/out/{NAME}"] = Answer(CONTENT.upper(), headers={"ETag": '"two"'})  # the same size
    assert pull(entry).landed[0].seq == 2
    assert [r.method for r in server.requests].count("HEAD") == 3


def test_a_change_that_could_not_be_seen_is_refused(entry, site, pull):
    site["/out/index.json"] = index({"path": NAME})
    (problem,) = pull(entry).problems
    assert "a change could not be seen" in problem.sentence


def test_a_file_that_changed_after_it_was_listed_waits(entry, site, pull):
    site["/out/index.json"] = index({"path": NAME, "size": len(CONTENT), "etag": "one"})
    site[f"/out/{NAME}"] = Answer(CONTENT, headers={"ETag": '"two"'})
    result = pull(entry)
    assert (result.landed, len(result.unsettled)) == ([], 1)


def test_a_file_of_another_size_than_listed_waits(entry, site, pull):
    site[f"/out/{NAME}"] = Answer(CONTENT[:-10])
    result = pull(entry)
    assert (result.landed, len(result.unsettled)) == ([], 1)


def test_a_published_checksum_is_held(entry, site, home, pull):
    right = sha256(CONTENT).hexdigest()
    item = {"path": NAME, "size": len(CONTENT)}
    site["/out/index.json"] = index({**item, "sha256": "0" * 64})
    (problem,) = pull(entry).problems
    assert "checksum" in problem.sentence
    site["/out/index.json"] = index({**item, "sha256": right})
    assert pull(entry).landed[0].sha256 == right


def test_a_ca_file_that_is_not_there_or_no_certificate_is_one_sentence(entry, tmp_path):
    with pytest.raises(PermanentFailure, match=r"the CA file nowhere\.pem is not there"):
        list_files(replace(entry, ca_file=tmp_path / "nowhere.pem"))
    (tmp_path / "empty.pem").touch()
    with pytest.raises(SourceError):
        list_files(replace(entry, ca_file=tmp_path / "empty.pem"))


def test_only_a_proxy_of_the_configuration_is_used(entry, site, monkeypatch, pull):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert len(list_files(entry)) == 1
    with web_server(lambda request: site[request.path]) as proxy:
        address = "http://127.0.0.1:1/out/index.json"  # nobody is there but by way of the proxy
        assert len(pull(replace(entry, address=address, proxy=proxy.address)).landed) == 1


def test_a_file_in_the_index_that_is_not_there_concerns_only_itself(entry, site, pull):
    other = "2025-02-staffordshire-street.csv"
    item = {"size": len(CONTENT), "modified": WHEN}
    site["/out/index.json"] = index({**item, "path": other}, {**item, "path": NAME})
    result = pull(entry)
    assert [receipt.period for receipt in result.landed] == ["2025-01"]
    assert [(p.kind, p.feeds) for p in result.problems] == [("permanent", (FEED,))]


@pytest.mark.parametrize(
    ("answer", "failure", "words"),
    [
        (Answer(status=404), PermanentFailure, "nothing at the address"),
        (Answer(status=500), TransientFailure, "answered 500"),
        (Answer(b"<html>sorry</html>"), TransientFailure, "not the JSON"),
        (Answer(b"[" * 100_000), TransientFailure, "not the JSON"),
        (Answer(b"[]"), TransientFailure, "not in the agreed shape"),
        (Answer(b'{"files": 3}'), TransientFailure, "not in the agreed shape"),
        (index({"size": 3}), PermanentFailure, "names no path"),
        (index({"path": NAME, "size": -1}), PermanentFailure, "not as agreed"),
        (index({"path": NAME, "size": 1, "modified": "May"}), PermanentFailure, "ISO time"),
        (index({"path": NAME, "colour": "red"}), PermanentFailure, "not as agreed"),
        (Answer(b"{}", headers={"Content-Encoding": "gzip"}), PermanentFailure, "plain bytes"),
    ],
)
def test_an_index_that_cannot_be_used_is_one_sentence(entry, site, answer, failure, words):
    site["/out/index.json"] = answer
    with pytest.raises(failure, match=words):
        list_files(entry)


def test_an_index_without_end_is_cut(entry, site, monkeypatch):
    monkeypatch.setattr("orchestration.ingest.transports.https_files._INDEX_BYTES", 1000)
    site["/out/index.json"] = Answer(b" " * 1001 + b"{}")
    with pytest.raises(PermanentFailure, match="larger than the 1,000 bytes"):
        list_files(entry)


def test_names_that_leave_the_folder_are_never_asked_for(server, entry, site, pull):
    item = {"size": 1, "modified": WHEN}
    paths = ["../secret.csv", "/etc/passwd", "a/../../b.csv", "a\nb.csv", "x" * 500]
    site["/out/index.json"] = index(*({**item, "path": path} for path in paths))
    result = pull(entry)
    assert (len(result.problems), result.landed, fetched(server)) == (len(paths), [], [])
    assert all(problem.sentence.isprintable() for problem in result.problems)


def test_an_address_is_never_read_out_of_a_path(server, entry, site, pull):
    """A path that looks like an address stays a path of this host."""
    url = f"https://example.org/{NAME}"
    site["/out/index.json"] = index({"path": url, "size": 1, "modified": WHEN})
    result = pull(entry)
    assert result.landed == []
    assert len(result.problems) == 1
