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

    document = HTML(string=page, url_fetcher=_refuse).render(pdf_variant="pdf/ua-1")
    identifier = hashlib.sha256(page.encode()).digest()[:16]
    with files.replacing(path) as temporary:
        document.write_pdf(
            temporary, pdf_identifier=identifier, pdf_variant="pdf/ua-1", pdf_tags=True
        )


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"a page of an edition fetches nothing, not {url}")
