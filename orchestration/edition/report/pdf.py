"""The PDF of a page: tagged, with bookmarks and alternative text (PDF/UA-1), the same bytes each time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from orchestration.core import files
from orchestration.core.errors import WarehouseError


class PdfImpossible(WarehouseError):
    """The libraries for drawing a PDF are missing on this machine. One sentence."""


def write(page: str, path: Path) -> None:
    """Write the PDF of an HTML page, atomically. The page must not fetch anything.

    Its identifier is the hash of the page, and it contains no time of writing.

    Raises:
        ValueError: the page refers to an external resource.
        PdfImpossible: the libraries that lay out text are not installed.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError, URLFetcher
    except OSError as problem:  # a system library that it loads by name
        raise PdfImpossible(
            "the PDF of an edition needs Pango; install libpango-1.0-0, libpangoft2-1.0-0 and "
            "libharfbuzz-subset0, or what your system calls them"
        ) from problem

    # No protocol is allowed, and any request raises an error.
    fetcher = URLFetcher(allowed_protocols=(), fail_on_errors=True)
    identifier = hashlib.sha256(page.encode()).digest()[:16]
    try:
        with files.replacing(path) as temporary:
            HTML(string=page, url_fetcher=fetcher).write_pdf(
                temporary, pdf_identifier=identifier, pdf_variant="pdf/ua-1", pdf_tags=True
            )
    except FatalURLFetchingError as error:
        raise ValueError(
            f"a page of an edition asks for nothing outside itself: {error}"
        ) from error
