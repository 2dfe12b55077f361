"""The PDF of a page: tagged, with bookmarks and alternative text (PDF/UA-1), the same bytes each time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from orchestration import files


def write(page: str, path: Path) -> None:
    """Write the PDF of an HTML page, whole or not at all. The page must fetch nothing.

    Its identifier is the page's own hash, and no time of writing is in it.

    Raises:
        ValueError: the page asks for something outside itself.
    """
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    # No protocol is allowed, and what is asked for stops the run.
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
