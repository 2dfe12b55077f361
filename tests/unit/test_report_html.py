"""Proves the structure of the page: one file, ids and headings in order, pictures named."""

import re
from itertools import pairwise

import pytest

from orchestration.edition.report import html
from tests.support import report_edition as small
from tests.support.report_page import Page


@pytest.fixture(scope="module")
def markup():
    return html.render(small.edition())


@pytest.fixture(scope="module")
def page(markup):
    return Page(markup)


def test_the_same_edition_gives_the_same_bytes(markup):
    assert html.render(small.edition()) == markup


def test_the_page_has_no_script_and_asks_for_nothing(page):
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    fetched = [value for _, name, value in page.attributes if name in ("src", "xlink:href", "data")]
    assert fetched == []
    targets = [value for tag, name, value in page.attributes if tag == "a" and name == "href"]
    assert targets
    assert all(target.startswith("#") and target[1:] in page.ids for target in targets)


def test_ids_are_unique_and_headings_skip_no_level(page):
    assert len(page.ids) == len(set(page.ids))
    assert page.levels[0] == 1
    assert page.levels.count(1) == 1
    steps = pairwise(page.levels)
    assert all(after <= before + 1 for before, after in steps)


def test_every_reference_between_elements_has_its_target(page):
    wanted = [
        value
        for _, name, value in page.attributes
        if name in ("aria-labelledby", "aria-describedby")
    ]
    assert set(wanted) <= set(page.ids)


def test_every_picture_is_one_image_with_name_and_description(markup):
    pictures = re.findall(r"<svg.*?</svg>", markup, re.S)
    assert len(pictures) >= 5
    for picture in pictures:
        assert picture.count('role="') == 1
        assert re.search(r"<title id=.+?>.+?</title><desc id=.+?>.+?</desc>", picture, re.S)


def test_no_programmers_word_for_nothing_is_printed(page):
    for other in (small.edition(), small.missing_everything()):
        words = Page(html.render(other)).words
        assert re.findall(r"\b(nan|NaN|NaT|None|NA|null|undefined|Timestamp)\b", words) == []


def test_headline_and_confidence_are_in_the_main_points(page):
    assert (
        "Quiet streets: noise complaints up 20% (1,200 complaints), more than usual variation"
        in (page.words.replace("quiet streets", "Quiet streets"))
    )
    assert "The headline measures of one of two priorities show no change" in page.words
