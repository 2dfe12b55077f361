"""Patterns of personal data, as SQL conditions for DuckDB.

They look for identifiers with a recognisable form; narrative has none. The outward part of a
postcode alone (`ST4`) is what the law asks partners for (SI 2007/1831, "general postcode address")
and is allowed. The conditions are used by the scanner, before anything is stored, and by the
rule of gate 1 on free text.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestration.contracts.model import PERSONAL_KINDS
from orchestration.core.sql import literal

# What may precede a number: not a letter or digit, and not a point after a digit (decimals).
_BEFORE = r"(?:^|[^0-9A-Za-z.]|[^0-9][.])"
# What may follow one. It consumes nothing, so that the next number may follow immediately.
_AFTER = r"(?:\b|_)"
_SPACE = r"[ \t\x{A0}]"

EMAIL = r"[^\s@]+@[^\s@]+[.][^\s@]+"
# The letters of the inward part leave out C, I, K, M, O and V (Royal Mail's postcode format).
POSTCODE = (
    rf"(?i)(?:^|[^0-9a-z])((?:[a-z]{{1,2}}[0-9][a-z0-9]?|gir){_SPACE}{{0,2}}"
    rf"[0-9][abd-hjlnp-uw-z]{{2}}){_AFTER}"
)
# A road, a quarter or a ward with an ordinal or a number of hours: `A50 4th exit`, `Q1 2nd letter`.
_COUNTED = rf"[A-Z]{{1,2}}[0-9][A-Z0-9]?{_SPACE}+[0-9](?:st|nd|rd|th|hr|yr)"
_BETWEEN = r"[ \x{A0}.-]"
NHS_NUMBER = (
    rf"(?i){_BEFORE}(?:nhs)?"
    rf"([0-9]{{10}}|[0-9]{{3}}{_BETWEEN}[0-9]{{3}}{_BETWEEN}[0-9]{{4}}){_AFTER}"
)
# A dialling code has at least three digits, so dates with hyphens do not match.
PHONE = (
    rf"{_BEFORE}(?:(?:[+]{_SPACE}?44|00 ?44)[)]?[ .-]?(?:[(]0[)])?[ .-]?[1-9](?:[ .()-]{{0,2}}[0-9]){{8,9}}"
    rf"|(?:[(]?0|[(]0[)] ?)[1-9][0-9](?:[ .()-]{{0,2}}[0-9]){{7,8}}){_AFTER}"
)
# Letters and prefixes that are never issued: HMRC, National Insurance Manual, NIM39110. The prefixes
# are excluded by a second pattern, because RE2 has no lookbehind or lookahead.
NATIONAL_INSURANCE = (
    rf"(?i)(?:^|[^0-9a-z])([a-ceghj-prstw-z][a-ceghj-nprstw-z])[ .-]?"
    rf"[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[a-d]{_AFTER}"
)
_NEVER_ISSUED = ("bg", "gb", "kn", "nk", "nt", "tn", "zz")
# A title and a name, or text introduced as a name. After a capitalised word `Dr` is a street (`Park
# Dr North`), so it must follow the start of the text, a lower-case word or punctuation.
_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_NAME = rf"{_CAPITAL}['’]?[{_LETTER}][{_LETTER}'’-]*"
_TITLE = "(?:Mr|MR|Mrs|MRS|Ms|MS|Mx|Miss|MISS)"
_SAID = "(?i:(?:fore|sur|first|last|full|my|her|his|their)[ -]?name)"
NAME = (
    rf"((?:(?:^|[^0-9{_LETTER}]){_TITLE}[.]?{_SPACE}+(?:{_CAPITAL}[.]?{_SPACE}*)?"
    rf"|(?:^|(?:^|[^{_LETTER}])[a-z]+{_SPACE}+|[,;:.(/]{_SPACE}*)(?:Dr|DR|Prof)[.]?{_SPACE}+"
    rf"|(?:^|[^A-Za-z]){_SAID}(?: is| was)?[ :=-]+){_NAME}(?:{_SPACE}+{_NAME}){{0,3}}"
    # The same in hastily typed text.
    rf"|(?:^|[^0-9{_LETTER}])mrs?[.]?{_SPACE}+[{_LETTER}]{{2,}}(?:{_SPACE}+[{_LETTER}]+){{0,3}})"
)
# Any match of the name pattern contains one of these, which are much faster to find.
_NAME_HINT = "[Mm]r|M[sxRS]|Mis|MIS|D[rR]|Prof|(?i:name)"
# Text that looks like a title and a name but does not name a person.
_NOT_A_PERSON = (
    r"(?i)\bnear[ -]miss(?:es)?\b|\bms (?:teams|word|excel|office|access|outlook|forms|project|"
    r"planner|sharepoint|powerpoint|windows|365)\b|\b(?:unknown|withheld|redacted|refused)\b|"
    r"\bnot (?:given|known|recorded|stated|provided|disclosed)\b"
)
# Streets, houses and schools are called after people.
_PLACE = (
    r"(?i)\b(?:street|st|road|rd|lane|ln|close|cl|place|pl|field|fields|way|walk|avenue|ave|drive|"
    r"crescent|court|ct|gardens?|grove|terrace|row|hill|green|square|mews|park|house|hall|lodge|"
    r"centre|school|academy|college|hospital|church|chapel|inn|arms|bridge|wood|woods|yard|view|"
    r"rise|bank|meadows?|estate|farm|surgery|practice)\b"
)
# A date described as a date of birth.
_DAY = r"[0-3]?[0-9](?:[/. -]|st |nd |rd |th |of )+(?:[01]?[0-9]|[A-Za-z]{3,9})[/., -]+(?:19|20)?[0-9]{2}"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_MONTH_FIRST = rf"{_MONTH} [0-3]?[0-9][a-z,]* (?:19|20)[0-9]{{2}}"
BORN = (
    r"(?i)(?:^|[^a-z])(?:d[.]?o[.]?b|date of birth|birth ?date|born|birthday)[^0-9a-z]*"
    rf"(?:(?:on|is|was|the)\s+)*(?:{_DAY}|{_MONTH_FIRST}|[0-3][0-9][01][0-9](?:19|20)[0-9]{{2}}"
    r"|(?:19|20)[0-9]{2}[-/.][01][0-9][-/.][0-3][0-9])"
)
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

IN_WORDS = {
    "e_mail": "an e-mail address",
    "postcode": "a full postcode",
    "nhs_number": "an NHS number",
    "telephone": "a telephone number",
    "national_insurance_number": "a National Insurance number",
    "name": "a person's name",
    "date_of_birth": "a date of birth",
}
Literal = Callable[[str], str]


def plain(text: str, quoted: Literal = literal) -> str:
    """SQL for the expression `text` as it appears, in the characters that the patterns use."""
    known = quoted("".join(map(chr, [*_LOOK_ALIKE, *_UNSEEN])))
    written = quoted("".join(map(chr, _LOOK_ALIKE.values())))
    # Translating costs fifty times as much as checking whether there is anything to translate.
    found = f"regexp_matches({text}, {quoted(_ANY_OF_THEM)})"
    return f"case when {found} then translate({text}, {known}, {written}) else {text} end"


def holds(kind: str, text: str, quoted: Literal = literal) -> str:
    """SQL that is true where the expression `text` (see `plain`) holds personal data of one kind.

    `quoted` writes literals, for queries that pass through other libraries before DuckDB.
    """
    if kind == "nhs_number":
        return _any_of(text, NHS_NUMBER, _is_nhs_number(quoted), quoted)
    if kind == "national_insurance_number":
        never = ", ".join(quoted(prefix) for prefix in _NEVER_ISSUED)
        return _any_of(text, NATIONAL_INSURANCE, f"lower(found) not in ({never})", quoted)
    if kind == "postcode":
        counted = f"not regexp_full_match(found, {quoted(_COUNTED)})"
        return _any_of(text, POSTCODE, counted, quoted)
    if kind == "name":
        people = f"regexp_replace({text}, {quoted(_NOT_A_PERSON)}, {quoted('')}, {quoted('g')})"
        found = _any_of(people, NAME, f"not regexp_matches(found, {quoted(_PLACE)})", quoted)
        return f"case when regexp_matches({text}, {quoted(_NAME_HINT)}) then {found} else false end"
    pattern = {
        "e_mail": EMAIL,
        "telephone": PHONE,
        "date_of_birth": BORN,
    }[kind]
    return f"regexp_matches({text}, {quoted(pattern)})"


def holds_any(text: str, quoted: Literal = literal) -> str:
    """SQL that is true where the expression `text` holds personal data of any kind."""
    return " or ".join(f"({holds(kind, text, quoted)})" for kind in PERSONAL_KINDS)


def any_in_words() -> str:
    """All kinds, in words that fit into a sentence."""
    *most, last = (IN_WORDS[kind] for kind in PERSONAL_KINDS)
    return f"{', '.join(most)} or {last}"


def _any_of(text: str, pattern: str, condition: str, quoted: Literal) -> str:
    """SQL that is true where one of the pattern's matches meets `condition` (on `found`).

    The simple match comes first: the list is only built for the few texts that have one.
    """
    finds = f"regexp_extract_all({text}, {quoted(pattern)}, 1)"
    return (
        f"case when regexp_matches({text}, {quoted(pattern)}) "
        f"then len(list_filter({finds}, lambda found: {condition})) > 0 else false end"
    )


def _is_nhs_number(quoted: Literal) -> str:
    """The check of NHS numbers: the digits, weighted 10 to 1, sum to a multiple of 11.

    Source: NHS Data Dictionary, NHS NUMBER ("the Modulus 11 algorithm ... is mandatory").

    Ten equal digits pass the check but are not issued.
    """
    digits = f"regexp_replace(found, {quoted('[^0-9]')}, {quoted('')}, {quoted('g')})"
    weighed = " + ".join(
        f"substr({digits}, {place}, 1)::integer * {11 - place}" for place in range(1, 11)
    )
    return f"({weighed}) % 11 = 0 and replace({digits}, left({digits}, 1), {quoted('')}) <> {quoted('')}"
