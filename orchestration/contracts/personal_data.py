"""Patterns of personal data, as SQL conditions for DuckDB.

They look for identifiers with a recognisable form (`personal_forms`); narrative has none. The outward
part of a postcode alone (`ST4`) is what the law asks partners for (SI 2007/1831, "general postcode
address") and is allowed. The conditions are used by the scanner, before anything is stored, by the rule of
gate 1 on free text, and by the workspace on what analysts write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestration.contracts.model import PERSONAL_KINDS, Reviewed
from orchestration.contracts.personal_forms import FORMS, IN_WORDS, UNTITLED_NAME, Form
from orchestration.core.sql import literal

__all__ = [
    "IN_WORDS", "any_in_words", "holds", "holds_any", "holds_untitled_name", "may_hold",
    "may_hold_untitled_name", "plain", "without_reviewed",
]  # fmt: skip

# Look-alikes of keyboard letters, digits, spaces and hyphens, as written by office programs, phones
# and East Asian keyboards. Invisible characters (zero-width spaces) are removed.
_FULL_WIDTH = {0xFEE0 + code: code for code in range(0x21, 0x7F) if chr(code) not in ":{}'\\"}
_DIGITS = {zero + digit: 0x30 + digit for zero in (0x660, 0x6F0) for digit in range(10)}
_SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], 0x20)
_HYPHENS = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63], 0x2D)
_LOOK_ALIKE = {**_FULL_WIDTH, **_DIGITS, **_SPACES, **_HYPHENS}
_UNSEEN = [
    0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
    *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF,
]  # fmt: skip
_ANY_OF_THEM = "[" + "".join(rf"\x{{{code:X}}}" for code in (*_LOOK_ALIKE, *_UNSEEN)) + "]"

Literal = Callable[[str], str]


def plain(text: str, quoted: Literal = literal) -> str:
    """SQL for the expression `text` as it appears, in the characters that the patterns use."""
    known = quoted("".join(map(chr, [*_LOOK_ALIKE, *_UNSEEN])))
    written = quoted("".join(map(chr, _LOOK_ALIKE.values())))
    # Translating costs fifty times as much as checking whether there is anything to translate.
    found = f"regexp_matches({text}, {quoted(_ANY_OF_THEM)})"
    return f"case when {found} then translate({text}, {known}, {written}) else {text} end"


def without_reviewed(text: str, reviewed: Iterable[Reviewed], quoted: Literal = literal) -> str:
    """SQL for the expression `text` without what was reviewed for its column."""
    for entry in reviewed:
        text = f"regexp_replace({text}, {quoted(entry.pattern)}, {quoted(' ')}, {quoted('g')})"
    return text


def holds(kind: str, text: str, quoted: Literal = literal, *, alone: bool = False) -> str:
    """SQL that is true where the expression `text` (see `plain`) holds personal data of one kind.

    `quoted` writes literals, for queries that pass through other libraries before DuckDB. `alone`: also
    digits that are the whole text, which only a share of a column's values makes significant.
    """
    forms = [form for form in FORMS[kind] if alone or not form.alone]
    return " or ".join(f"({_written(form, text, quoted)})" for form in forms)


def may_hold(kind: str, text: str, quoted: Literal = literal) -> str:
    """SQL that is true wherever `holds` with `alone` is, and in some texts besides: no exception is looked
    at. Compiling the exceptions costs more than the few texts that have to be looked at again."""
    return " or ".join(f"({_matches(form, text, quoted)})" for form in FORMS[kind])


def may_hold_untitled_name(text: str, quoted: Literal = literal) -> str:
    """The same for `holds_untitled_name`."""
    return " or ".join(f"({_matches(form, text, quoted)})" for form in UNTITLED_NAME)


def holds_untitled_name(text: str, quoted: Literal = literal) -> str:
    """SQL that is true where `text` holds a name without a title; not for text that is public already."""
    return " or ".join(f"({_written(form, text, quoted)})" for form in UNTITLED_NAME)


def holds_any(text: str, quoted: Literal = literal) -> str:
    """SQL that is true where the expression `text` holds personal data of any kind.

    A name without a title is not among them (see `holds_untitled_name`).
    """
    return " or ".join(f"({holds(kind, text, quoted)})" for kind in PERSONAL_KINDS)


def any_in_words() -> str:
    """All kinds, in words that fit into a sentence."""
    *most, last = (IN_WORDS[kind] for kind in PERSONAL_KINDS)
    return f"{', '.join(most)} or {last}"


def _written(form: Form, text: str, quoted: Literal) -> str:
    """SQL that is true where one of the form's matches is none of its exceptions.

    The simple match comes first: the list is only built for the few texts that have one.
    """
    matches = _matches(form, text, quoted)
    conditions = [f"not regexp_matches(found, {quoted(form.unless)})"] if form.unless else []
    if form.checked:
        conditions.append(_is_nhs_number(quoted))
    if not conditions:
        return matches
    if form.without:
        text = f"regexp_replace({text}, {quoted(form.without)}, {quoted('')}, {quoted('g')})"
    finds = f"regexp_extract_all({text}, {quoted(form.pattern)}, 1)"
    return (
        f"case when {matches} "
        f"then len(list_filter({finds}, lambda found: {' and '.join(conditions)})) > 0 else false end"
    )


def _matches(form: Form, text: str, quoted: Literal) -> str:
    matches = f"regexp_matches({text}, {quoted(form.pattern)})"
    if form.context:
        matches = f"{matches} and regexp_matches({text}, {quoted(form.context)})"
    return matches


def _is_nhs_number(quoted: Literal) -> str:
    """The check of NHS numbers: the digits, weighted 10 to 1, sum to a multiple of 11.

    Source: NHS Data Dictionary, NHS NUMBER ("the Modulus 11 algorithm ... is mandatory").

    Ten equal digits pass the check but are not issued, nor are numbers that begin with 0, 1 or 2 and no
    day of a month (Scotland's begin with the date of birth), with 30, 31 or 5, or with 8 (Scotland's and
    Northern Ireland's ranges, and those of England and Wales; 9 is for tests, which are as telling).
    """
    digits = f"regexp_replace(found, {quoted('[^0-9]')}, {quoted('')}, {quoted('g')})"
    weighed = " + ".join(
        f"substr({digits}, {place}, 1)::integer * {11 - place}" for place in range(1, 11)
    )
    issued = "^(?:[4679]|3[2-9]|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2]))"
    return (
        f"({weighed}) % 11 = 0 and regexp_matches({digits}, {quoted(issued)}) "
        f"and replace({digits}, left({digits}, 1), {quoted('')}) <> {quoted('')}"
    )
