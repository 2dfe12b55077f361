"""Words of an edition: personal data and small numbers are found, and ordinary prose is let through."""

import pandas as pd
import pytest

from orchestration.edition.workspace import plain_text

PERSONAL = [
    "write to jane@example.org",
    "lives at ST1 1AA",
    "NHS 943 476 5919",
    "ring 01782 234567",
]
SMALL = [
    "There were 3 stabbings.", "5", "(7)", "rose from 12 to 4", "it was 2, then none", "only 1.",
    "- 6 of them were children", "3-4 incidents", "a 6-year-old and a friend", "aged 5 years old",
    "Ward 7 and bed 2", "one child", "two young people were hurt", "Three referrals", "seven homicides",
    "on 2026-03-04, 5 calls", "Figure 2 shows 3 cases", "1/7 of all", "£300 and 4 more", "cases: 1;",
    "&#51; cases", "\uff13 cases", "**3** cases", "three **victims**", "three\u00a0victims", "_two_  `girls`",
    "four of them were children", "it rose by three.", "fell to two", "up from one", "half a dozen assaults",
    "went down to just four", "a single death", "a couple of young victims", "both girls",
    "it has doubled to six, and", "fell from seven in the year",
]  # fmt: skip
HARMLESS = [
    "", "## Why", "no number at all", "about 120 calls", "8 of the wards", "12.5 and 1,204", "0 in all",
    "1. The first point", "  2) The second", "by 2026-03-05", "in 2025-26", "on 05/04/2026",
    "on 3 March and the 4th of May 2026", "from 3 am to 4.30 pm", "open 24/7", "section 6 of the Act",
    "see Figure 3 and table 2.1", "for 2 years, a 6-month trial", "up by 5% or 3.5 per cent",
    "it cost £3,500", "E05014571", "ST4", "F10.2", "Q3", "s.17A", "one of the wards", "two partners agree",
    "nobody was a victim", "a two-fold rise", "phase four",
    "one of these days", "fell to two-thirds", "a single plan", "both partners", "go to one meeting",
    "rose by three per cent", "down to one in ten",
]  # fmt: skip


def texts(*lines, is_public=True):
    places = [f"asb.public.md, line {number}" for number in range(1, len(lines) + 1)]
    return pd.DataFrame({"place": places, "text": lines, "is_public": is_public})


def test_ordinary_prose_is_let_through():
    assert plain_text.first_fault(texts(*HARMLESS)) is None
    assert plain_text.first_fault(texts()) is None


@pytest.mark.parametrize("line", SMALL)
def test_a_small_number_is_found_where_everybody_reads(line):
    fault = plain_text.first_fault(texts("Nothing.", line))
    assert fault is not None
    assert fault.startswith("asb.public.md, line 2 holds a number from 1 to 7")
    assert len(line) < 3 or line not in fault
    assert plain_text.first_fault(texts(line, is_public=False)) is None


@pytest.mark.parametrize("line", PERSONAL)
@pytest.mark.parametrize("is_public", [True, False])
def test_personal_data_is_found_everywhere_and_never_repeated(line, is_public):
    fault = plain_text.first_fault(texts("Nothing.", f"Please {line}.", is_public=is_public))
    assert fault is not None
    assert fault.startswith("asb.public.md, line 2 holds an e-mail address")
    assert line not in fault


@pytest.mark.parametrize(
    "wrapped", [("There were three", "young victims."), ("Ring 01782", "234567.")]
)
def test_a_fault_that_began_in_the_line_before_is_found(wrapped):
    fault = plain_text.first_fault(texts(*wrapped))
    assert fault is not None
    assert fault.startswith("asb.public.md, line 2 holds")
    apart = texts(*wrapped).assign(place=["asb.public.md, line 1", "other.public.md, line 1"])
    assert plain_text.first_fault(apart) is None


def test_the_first_fault_is_told():
    fault = plain_text.first_fault(texts("Nothing.", "3 cases", "jane@example.org"))
    assert fault is not None
    assert fault.startswith("asb.public.md, line 2 holds a number")


def test_comments_go_and_lines_keep_their_numbers():
    found = plain_text.without_comments("a <!-- b\nc\n--> d\n<!-- e -->\nf")
    assert found == "a \n\n d\n\nf"
    assert plain_text.without_comments("a <!-- b") == "a <!-- b"
