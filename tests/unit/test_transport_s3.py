"""An S3 store against a real server of its kind (moto) on loopback."""

import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import repeat
from urllib.parse import urlencode

import boto3
import pytest
from moto.server import ThreadedMotoServer

from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.transports import Entry, Terms, connect
from orchestration.ingest.transports.credentials import Secret
from orchestration.ingest.transports.failures import (
    FileRefused,
    PermanentFailure,
    TransientFailure,
)
from tests.support.servers import Answer, web_server

FEED = "police/street_crime"
KEY = "out/2025-01-staffordshire-street.csv"
CONTENT = b"Crime ID,Month\n" + b"a,2025-01\n" * 200_000


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield "http://127.0.0.1:{1}".format(*server.get_host_and_port())
    finally:
        server.stop()


@pytest.fixture
def bucket(endpoint):
    store = boto3.resource(
        "s3", endpoint_url=endpoint, aws_access_key_id="x", aws_secret_access_key="x",
        region_name="us-east-1",
    ).Bucket("extracts")  # fmt: skip
    store.create()
    store.put_object(Key=KEY, Body=CONTENT)
    yield store
    store.objects.delete()
    store.delete()


@pytest.fixture
def entry(endpoint, bucket, monkeypatch):
    monkeypatch.setenv("STORE_KEY", "x")
    monkeypatch.setenv("STORE_SECRET", "x")
    return Entry(
        "s3",
        "s3://extracts/out",
        Terms("council", (FEED,), retries=1, backoff_seconds=0.01),
        timeout_seconds=2,
        endpoint=endpoint,
        region="us-east-1",
        access_key=Secret("STORE_KEY"),
        secret_key=Secret("STORE_SECRET"),
    )


def test_an_object_lands_unchanged_and_is_then_known(entry, home, pull):
    (receipt,) = pull(entry).landed
    assert receipt.bytes_path(home).read_bytes() == CONTENT
    assert pull(entry).known == 1


def test_other_bytes_of_the_same_size_are_a_correction(entry, bucket, pull):
    pull(entry)
    bucket.put_object(Key=KEY, Body=CONTENT.upper())
    assert [receipt.seq for receipt in pull(entry).landed] == [2]


def test_an_object_that_is_taken_away_is_said_once_and_stays_landed(entry, bucket, home, pull):
    pull(entry)
    bucket.Object(KEY).delete()
    assert len(pull(entry).withdrawn) == 1
    assert pull(entry).withdrawn == []
    assert len(receipts(home)) == 1


def test_only_what_lies_under_the_prefix_is_seen(entry, bucket):
    bucket.put_object(Key="output/2025-02-staffordshire-street.csv", Body=b"x")
    bucket.put_object(Key="out/deep/2025-03-staffordshire-street.csv", Body=b"x")
    with closing(connect(entry)) as source:
        assert {file.path for file in source.files()} == {
            "2025-01-staffordshire-street.csv",
            "deep/2025-03-staffordshire-street.csv",
        }


def test_a_bucket_that_is_not_there_is_permanent(entry):
    with pytest.raises(PermanentFailure, match="no such bucket"):
        connect(replace(entry, address="s3://nothing/here")).files()


def test_an_object_gone_since_the_listing_concerns_only_itself(entry, bucket):
    source = connect(entry)
    (file,) = source.files()
    bucket.Object(KEY).delete()
    with pytest.raises(FileRefused, match="no longer there"), source.open(file, 10**9) as stream:
        stream.read()


def test_a_store_that_is_not_there_is_transient(entry):
    with pytest.raises(TransientFailure, match="connection failed"):
        connect(replace(entry, endpoint="http://127.0.0.1:1")).files()


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        (403, "AccessDenied", PermanentFailure),
        (403, "InvalidAccessKeyId", PermanentFailure),
        (403, "SignatureDoesNotMatch", PermanentFailure),
        (503, "SlowDown", TransientFailure),
        (500, "InternalError", TransientFailure),
    ],
)
def test_what_the_store_answers_is_put_into_kinds(entry, status, code, failure):
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
    with web_server(lambda request: Answer(body.encode(), status)) as store:
        with pytest.raises(failure) as told:
            connect(replace(entry, endpoint=store.address)).files()
        assert len(store.requests) <= 2
    assert "Message" not in str(told.value)


def test_a_key_that_is_not_set_is_permanent(entry):
    with pytest.raises(PermanentFailure, match="holds no secret"):
        connect(replace(entry, secret_key=Secret("NOBODY_SET_THIS")))


# --- a store that breaks in the middle ------------------------------------------------------------

LARGE = CONTENT * 9  # more than is fetched at once


def test_an_object_that_is_replaced_while_it_is_read_never_lands_as_a_mixture(entry, bucket):
    bucket.put_object(Key=KEY, Body=LARGE)
    source = connect(entry)
    (file,) = source.files()
    with pytest.raises(TransientFailure), source.open(file, 10**9) as stream:
        stream.read(1 << 20)
        bucket.put_object(Key=KEY, Body=LARGE.upper())
        stream.read()


@contextmanager
def disturbed(endpoint, faults):
    """The store behind a server that applies a fault, one after the other, to each fetch of an object."""

    def respond(request):
        query = f"?{urlencode(request.query)}" if request.query else ""
        kept = {
            k: v
            for k, v in request.headers.items()
            if k.lower().startswith(("range", "if-match", "authorization", "x-amz-"))
        }
        asked = urllib.request.Request(
            f"{endpoint}{request.path}{query}", method=request.method, headers=kept
        )
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                body, status, headers = answer.read(), answer.status, dict(answer.headers)
        except urllib.error.HTTPError as problem:
            body, status, headers = problem.read(), problem.code, dict(problem.headers)
        headers = {
            k: v for k, v in headers.items()
            if k.lower() in ("etag", "last-modified", "content-type", "content-range")
        }  # fmt: skip
        if request.method == "HEAD":
            headers["Content-Length"] = str(len(CONTENT))
        is_object = request.method == "GET" and request.path.endswith(".csv")
        fault = next(faults, {}) if is_object else {}
        return replace(Answer(body, status, headers), **fault)

    with web_server(respond) as server:
        yield server


def test_a_fetch_that_goes_on_breaking_lands_nothing(entry, endpoint, home, pull):
    with disturbed(endpoint, repeat({"cut_at": 1000})) as store:
        assert pull(replace(entry, endpoint=store.address)).landed == []
    assert receipts(home) == []
    (receipt,) = pull(entry).landed  # the next night
    assert receipt.bytes_path(home).read_bytes() == CONTENT
