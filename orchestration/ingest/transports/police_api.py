"""The API of data.police.uk: the street crimes of an area as the files of the bulk download.

The API has no LSOA and no name of the force; it has a point, a category and, outside of any area,
the crimes of the force without a location. From these a file is made that follows the contract of
the bulk files. An empty answer is "no data" for the month: no file is made, so nothing reads zero.

The LSOA is the area that the published point lies in. The publisher moves every location to a nearby
map point (data.police.uk/about), mostly the middle of a road, which areas often meet at: with
generalised boundaries 3 of 100 crimes of a real month fell to the area next to the one that the bulk
file names. Where the archive can be had, it is the better source.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode

from orchestration.core.files import copy_hashed
from orchestration.ingest.transports import police_crimes
from orchestration.ingest.transports.base import BoundedStream, Source
from orchestration.ingest.transports.failures import NoData, PermanentFailure
from orchestration.ingest.transports.http import HttpClient, NotThere, expected
from orchestration.ingest.transports.terms import Entry, SourceFile

_SMALL = 4 << 20
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class PoliceApi(Source):
    """One file a month that the API has: the area's crimes, and the force's without a location."""

    is_rolling = True

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, entry.max_files, entry.file_seconds)
        self._entry, self._http = entry, HttpClient(entry)
        self._base = entry.address.rstrip("/")
        (self._force,) = entry.forces

    def _listing(self) -> Iterator[SourceFile]:
        dates = self._document("crimes-street-dates", list)
        months = sorted(
            expected(
                self._entry, expected(self._entry, item, dict, "a date").get("date"), str, "a date"
            )
            for item in dates
        )
        if not months:
            raise NoData(f"{self.label}: the list of months with data is empty")
        if not all(_MONTH.fullmatch(month) for month in months):
            raise PermanentFailure(f"{self.label}: the list of months is not in the agreed shape")
        updated = self._document("crime-last-updated", dict).get("date")
        tag = expected(self._entry, updated, str, "the date of the last update")
        for month in months[-self._entry.months :]:
            path = f"{month}/{month}-{self._force}-street.csv"
            yield SourceFile(path, size=None, modified=0.0, tag=tag)

    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        month = file.path[:7]
        folder = Path(tempfile.mkdtemp(prefix="police-api-"))
        try:
            made = self._make(folder, month, limit)
            stream = made.open("rb")
        except BaseException:
            shutil.rmtree(folder)
            raise

        def close() -> None:
            stream.close()
            shutil.rmtree(folder)

        return BoundedStream(
            stream.read,
            close,
            name=file.path,
            limit=limit,
            seconds=self._entry.file_seconds,
            translate=lambda problem: None,
        ).as_binary()

    def close(self) -> None:
        super().close()
        self._http.close()

    def _make(self, folder: Path, month: str, limit: int) -> Path:
        """Fetch what the API has of a month and make the contract's file of it."""
        street = "crimes-street/all-crime"
        located = [
            self._fetch(folder / f"area-{n}.json", limit, street, {"date": month, "poly": polygon})
            for n, polygon in enumerate(self._entry.polygons)
        ]
        unlocated = self._fetch(
            folder / "unlocated.json",
            limit,
            "crimes-no-location",
            {"category": "all-crime", "date": month, "force": self._force},
        )
        categories = self._fetch(
            folder / "categories.json", _SMALL, "crime-categories", {"date": month}
        )
        name = self._document(f"forces/{self._force}", dict).get("name")
        assert self._entry.boundaries is not None
        made = folder / "street.csv"
        rows = police_crimes.write(
            made,
            police_crimes.Answers(located, unlocated, categories),
            force=expected(self._entry, name, str, "the name of the force"),
            boundaries=self._entry.boundaries,
            code=self._entry.boundary_code,
            code_name=self._entry.boundary_name,
            label=self.label,
        )
        if rows == 0:
            raise NoData(f"{self.label}: the API has no crime in the area for {month}")
        return made

    def _fetch(self, target: Path, limit: int, path: str, form: dict[str, str]) -> Path:
        url = f"{self._base}/{path}"
        if "poly" in form:  # an outline may be longer than an address can be
            answer = self._http.request("POST", url, form=form)
        else:
            answer = self._http.request("GET", f"{url}?{urlencode(form)}")
        with self._http.stream(answer, path, limit) as body:
            copy_hashed(body, target)
        return target

    def _document(self, path: str, kind: type) -> Any:
        try:
            document = self._http.json(f"{self._base}/{path}", _SMALL)
        except NotThere as problem:
            raise PermanentFailure(str(problem)) from problem
        return expected(self._entry, document, kind, path)
