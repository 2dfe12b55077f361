"""Digests by webhook: an adaptive card for Teams, plain blocks for Slack.

Both carry text that is shown verbatim: mark-up in it is not interpreted, so nothing becomes a link.
That is why we do not use apprise, whose messages are sent to both services as Markdown.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import requests

from orchestration.alerts.items import Digest, Hook, NotSent
from orchestration.core.refusal import SourceError
from orchestration.ingest.transports.http import PlainSession

_SECONDS = (5.0, 20.0)  # seconds to connect, and to wait for the answer
_TRIES = 3
_WAIT = 2.0
_LONGEST_WAIT = 30.0
_MOST_OF_A_BLOCK = 2_900
_MOST_BLOCKS = 40
_TRY_AGAIN = {429, 500, 502, 503, 504}


def teams_card(digest: Digest) -> dict[str, Any]:
    """The digest as a message with an adaptive card, whose text runs allow no mark-up."""
    body = [
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": text, "weight": weight}],
        }
        for text, weight in [(digest.subject, "Bolder")]
        + [(block, "Default") for block in _blocks(digest.text)]
    ]
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                },
            }
        ],
    }


def slack_blocks(digest: Digest) -> dict[str, Any]:
    """The digest as blocks of plain text, in which Slack interprets no mark-up."""
    texts = [digest.subject, *_blocks(digest.text)]
    return {
        "text": _escaped(digest.subject),
        "blocks": [
            {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
            for text in texts
        ],
    }


def send(hook: Hook, digest: Digest, *, wait: float = _WAIT) -> None:
    """Post the digest, with a limited number of retries where that may help.

    A post that timed out may have been shown, so it is not repeated at once.

    Raises:
        NotSent: it was not accepted. The sentence does not hold the address, which is a secret.
    """
    try:
        url = hook.url.read()
    except SourceError as problem:
        raise NotSent(f"the address of the webhook cannot be used: {problem}") from None
    if urlsplit(url).scheme != "https":
        raise NotSent("the address of the webhook is not https")
    content = {"teams": teams_card, "slack": slack_blocks}[hook.shape](digest)
    for number in range(1, _TRIES + 1):
        pause = wait * 2 ** (number - 1)
        try:
            answer = _post(url, content, hook)
        except requests.exceptions.SSLError:
            raise NotSent("the certificate of the webhook cannot be verified") from None
        except requests.exceptions.ReadTimeout:
            raise NotSent("the webhook did not answer in time") from None
        except requests.exceptions.RequestException:
            # Never the exception's own message: it holds the address.
            why = "the webhook could not be reached"
        else:
            if 200 <= answer.status_code < 300:
                return
            why = f"the webhook answered with {answer.status_code}"
            if answer.status_code not in _TRY_AGAIN:
                raise NotSent(why)
            asked = answer.headers.get("Retry-After", "")
            pause = max(pause, float(asked) if asked.isdecimal() else 0.0)
        if number < _TRIES:
            time.sleep(min(pause, _LONGEST_WAIT))
    raise NotSent(f"{why}, {_TRIES} times")


def _post(url: str, content: dict[str, Any], hook: Hook) -> requests.Response:
    with PlainSession() as session:
        if hook.ca_file is not None:
            session.trust_env = False  # a CA file set in the environment would override ours
        return session.post(
            url,
            json=content,
            timeout=_SECONDS,
            allow_redirects=False,
            stream=True,  # only the status matters: the body, which may be endless, is not read
            verify=str(hook.ca_file) if hook.ca_file else True,
        )


def _blocks(text: str) -> list[str]:
    """The text split at line ends into parts of the size that a block may hold."""
    parts = [""]
    for line in text.splitlines(keepends=True):
        if len(parts[-1]) + len(line) > _MOST_OF_A_BLOCK:
            parts.append("")
        parts[-1] += line
    return [part.strip("\n") for part in parts if part.strip()][:_MOST_BLOCKS]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
