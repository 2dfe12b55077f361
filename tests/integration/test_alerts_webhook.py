"""Digests by webhook, against real web servers with TLS: shapes, tries, and an address kept secret."""

import time

import pytest

from orchestration.alerts import webhook
from orchestration.alerts.items import Digest, Hook, Item, NotSent
from orchestration.ingest.transports.credentials import Secret
from tests.support import alerted


@pytest.fixture
def authority(tmp_path):
    return alerted.Authority(tmp_path)


DIGEST = Digest(
    "SYNTHETIC 1 refused", "Refused\n- a <b> & [c](https://example.org) *d*\n" + "x\n" * 3000,
    (Item("k", "refused", "."),),
)  # fmt: skip


def hook(hooked, authority, shape, tmp_path):
    path = tmp_path / "hook"
    path.write_text(hooked.url, encoding="utf-8")
    path.chmod(0o600)
    return Hook(shape, Secret(file=path), authority.file)


def test_a_card_for_teams_holds_text_that_is_shown_as_it_is(authority, tmp_path):
    with alerted.hook_server(authority) as hooked:
        webhook.send(hook(hooked, authority, "teams", tmp_path), DIGEST)
    (post,) = hooked.posts
    (attachment,) = post["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    body = attachment["content"]["body"]
    assert {block["type"] for block in body} == {"RichTextBlock"}
    runs = [run for block in body for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert "[c](https://example.org) *d*" in runs[1]["text"]


def test_blocks_for_slack_are_plain_text_of_bounded_length(authority, tmp_path):
    with alerted.hook_server(authority) as hooked:
        webhook.send(hook(hooked, authority, "slack", tmp_path), DIGEST)
    (post,) = hooked.posts
    assert {block["text"]["type"] for block in post["blocks"]} == {"plain_text"}
    assert max(len(block["text"]["text"]) for block in post["blocks"]) <= 3000
    assert len(post["blocks"]) == 4


@pytest.mark.parametrize(
    ("answers", "posts", "why"),
    [
        ([503, 429, 200], 3, None),
        ([503] * 9, 3, "the webhook answered with 503, 3 times"),
        ([400], 1, "the webhook answered with 400"),
        ([302], 1, "the webhook answered with 302"),
    ],
)
def test_a_post_is_tried_again_where_that_may_help_and_not_for_ever(
    authority, tmp_path, answers, posts, why
):
    with alerted.hook_server(authority) as hooked:
        hooked.answers, hooked.headers = list(answers), {"Location": "http://127.0.0.1:9/"}
        try:
            webhook.send(hook(hooked, authority, "teams", tmp_path), DIGEST, wait=0.01)
            said = None
        except NotSent as problem:
            said = str(problem)
    assert (said, len(hooked.posts)) == (why, posts)


@pytest.mark.parametrize(("status", "why"), [(200, None), (302, "the webhook answered with 302")])
def test_an_answer_without_end_is_not_read(authority, tmp_path, status, why):
    """It would have held the place of the only run, and of the next night."""
    with alerted.hook_server(authority) as hooked:
        hooked.answers, hooked.endless = [status], True
        hooked.headers = {"Location": "https://127.0.0.1:9/"}
        began = time.monotonic()
        try:
            webhook.send(hook(hooked, authority, "teams", tmp_path), DIGEST, wait=0.01)
            said = None
        except NotSent as problem:
            said = str(problem)
        hooked.endless = False
    assert (said, len(hooked.posts)) == (why, 1)
    assert time.monotonic() - began < 10


def test_a_webhook_that_is_down_untrusted_or_unencrypted_is_said_without_its_address(
    authority, tmp_path
):
    other = alerted.Authority(tmp_path / "other")
    other.folder.mkdir()
    said = []
    with alerted.hook_server(other) as untrusted, alerted.hook_server(None) as plain:
        gone = alerted.Hooked(url="https://127.0.0.1:9/very-secret")
        for hooked in (untrusted, plain, gone):
            with pytest.raises(NotSent) as problem:
                webhook.send(hook(hooked, authority, "slack", tmp_path), DIGEST, wait=0.01)
            said.append(str(problem.value))
    assert said == [
        "the certificate of the webhook cannot be verified",
        "the address of the webhook is not https",
        "the webhook could not be reached, 3 times",
    ]
    assert untrusted.posts == plain.posts == []
