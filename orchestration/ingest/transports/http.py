"""HTTP as the transports use it: certificates verified, no other host, bounded, failures by kind."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports.base import BoundedStream
from orchestration.ingest.transports.failures import (
    FileRefused,
    PermanentFailure,
    TransientFailure,
)
from orchestration.ingest.transports.file_names import LOOPBACK, shown
from orchestration.ingest.transports.retry import Pace
from orchestration.ingest.transports.terms import Entry

_MOST_REDIRECTS = 3
_TRY_LATER = (429, 503)
_REDIRECTS = (301, 302, 303, 307, 308)


class PlainSession(requests.Session):
    """Follows no redirect, and does not read the body of one, which may be endless."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


class HttpClient:
    """Requests to one source. Proxies and passwords are not taken from the environment, only from
    the configuration."""

    def __init__(self, entry: Entry) -> None:
        self._entry, self._label = entry, entry.name
        self._pace = Pace(entry.requests_a_second)
        self._session = PlainSession()
        self._session.trust_env = False
        if entry.proxy:
            self._session.proxies = {"http": entry.proxy, "https": entry.proxy}
        self._session.verify = str(entry.ca_file) if entry.ca_file else True
        self._session.headers.update(
            {"User-Agent": "community-safety-warehouse", "Accept-Encoding": "identity"}
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """A response with status 200 or 206 whose body has not been read yet.

        Raises:
            SourceError: any other answer or none, by kind (see failures.py).
        """
        started_at = urlsplit(url)
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._once(method, url, headers or {}, form)
            if answer.status_code not in _REDIRECTS:
                self._check(answer)
                return answer
            answer.close()
            url = self._redirected(started_at.netloc, url, answer.headers.get("Location", ""))
        raise PermanentFailure(f"{self._label}: redirected more than {_MOST_REDIRECTS} times")

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> requests.Response:
        sent = dict(headers)
        if self._entry.token and urlsplit(url).netloc == urlsplit(self._entry.address).netloc:
            sent["Authorization"] = f"Bearer {self._entry.token.read()}"
        self._pace.wait()
        try:
            return self._session.request(
                method,
                url,
                headers=sent,
                data=form,
                stream=True,
                allow_redirects=False,
                timeout=self._entry.timeout_seconds,
            )
        except (requests.RequestException, OSError, ValueError) as problem:
            raise self._failure(problem) from problem

    def _redirected(self, host: str, url: str, location: str) -> str:
        """Where a redirect leads, if we go there."""
        try:
            target = urlsplit(urljoin(url, location))
        except ValueError:
            raise PermanentFailure(f"{self._label}: redirects to what is no address") from None
        if target.netloc != host and target.hostname not in self._entry.redirects_to:
            raise PermanentFailure(
                f"{self._label}: redirects to another host, {shown(target.netloc)}; if that is "
                "meant, name it under redirects_to"
            )
        if target.scheme != "https" and target.hostname not in LOOPBACK:
            raise PermanentFailure(f"{self._label}: redirects to an address without encryption")
        return target.geturl()

    def _check(self, answer: requests.Response) -> None:
        status = answer.status_code
        if status in (200, 206):
            encoding = answer.headers.get("Content-Encoding", "identity").lower()
            if encoding != "identity":
                answer.close()
                raise PermanentFailure(
                    f"{self._label}: sends {shown(encoding)} where plain bytes were asked for"
                )
            return
        answer.close()
        sentence = f"{self._label}: the server answered {status}"
        if status in _TRY_LATER:
            raise TransientFailure(f"{sentence}, try later", _seconds_of(answer.headers))
        if status >= 500 or status == 408:
            raise TransientFailure(sentence)
        if status in (401, 403):
            raise PermanentFailure(f"{sentence}: it refused the login")
        if status in (404, 410):
            raise NotThere(f"{sentence}: there is nothing at the address")
        raise PermanentFailure(sentence)

    def stream(self, answer: requests.Response, name: str, limit: int) -> BinaryIO:
        """The body of an answer as a bounded stream. A body cut short is a transient failure."""
        raw = answer.raw
        return BoundedStream(
            lambda size: raw.read1(size, decode_content=False),
            answer.close,
            name=name,
            limit=limit,
            seconds=self._entry.file_seconds,
            translate=self._translate,
        ).as_binary()

    def json(self, url: str, limit: int) -> Any:
        """A small JSON document.

        Raises:
            SourceError: it cannot be had, or it is something else (often an error page sent as 200).
        """
        with self.stream(self.request("GET", url), urlsplit(url).path, limit) as body:
            text = body.read()
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise TransientFailure(
                f"{self._label}: {shown(urlsplit(url).path)} is not the JSON that was expected"
            ) from None

    def close(self) -> None:
        """Close what connections are kept."""
        self._session.close()

    def _translate(self, problem: Exception) -> SourceError | None:
        known = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
        return self._failure(problem) if isinstance(problem, known) else None

    def _failure(self, problem: Exception) -> SourceError:
        if "certificate" in str(problem).lower() and "SSL" in str(problem):
            return PermanentFailure(
                f"{self._label}: the server's certificate is not one that we trust for its name"
            )
        return TransientFailure(f"{self._label}: the connection failed ({type(problem).__name__})")


class NotThere(FileRefused):
    """The server knows no such address."""


def expected(entry: Entry, document: Any, kind: type, what: str) -> Any:
    """`document`, if it is of the JSON kind that was agreed."""
    if not isinstance(document, kind):
        raise TransientFailure(f"{entry.name}: {what} is not in the agreed shape")
    return document


def _seconds_of(headers: Mapping[str, str]) -> float | None:
    """What Retry-After asks for: a number of seconds, or a moment."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text[:6])
    try:
        wait = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError):
        return None
    return max(0.0, wait) if math.isfinite(wait) else None
