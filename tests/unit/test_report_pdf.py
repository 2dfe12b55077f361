"""Proves that a page's PDF is tagged, marked on each page, the same each time, and fetches nothing."""

import re
import zlib

import pytest

from orchestration.edition.report import page, pdf
from orchestration.edition.report.blocks import Section, Words
from orchestration.edition.report.book import Book
from orchestration.edition.report.sections import methods
from tests.support import report_edition as small


@pytest.fixture(scope="module")
def markup():
    book = Book()
    words = Section("words", "Words", [Words(["Some words."])])
    waived = methods.waivers(small.edition(waivers=(small.WAIVER,)), book)
    return page.fill(
        "quality.html.j2",
        small.edition(),
        title="A short page",
        facts=[("Period", "April 2025 to March 2026")],
        warnings=[],
        sections=[words, waived],
    )


def test_the_pdf_is_tagged_and_the_same_each_time(markup, tmp_path):
    pdf.write(markup, tmp_path / "one.pdf")
    pdf.write(markup, tmp_path / "two.pdf")
    made = (tmp_path / "one.pdf").read_bytes()
    assert made == (tmp_path / "two.pdf").read_bytes()
    streams = [
        _plain(found) for found in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.S)
    ]
    whole = made + b"".join(streams)
    assert b"/StructTreeRoot" in whole
    assert b"/Lang" in whole
    assert b"/Marked true" in whole
    assert b"pdfuaid" in whole
    assert b"/Outlines" in whole
    assert b"CreationDate" not in whole


def _plain(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_a_page_that_would_fetch_something_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"nothing outside itself: .*https://example\.org/p\.png"):
        pdf.write(
            '<html lang="en"><title>x</title><img src="https://example.org/p.png" alt="x">',
            tmp_path / "x.pdf",
        )
    assert list(tmp_path.iterdir()) == []
