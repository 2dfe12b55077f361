"""Shared by all readers: the kind of file, its text, and the check of its header against the contract.

A reader returns a table of text: `_row`, the line (or number) that a person would count to in the
file, and the contract's columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from orchestration.contracts.known_names import near
from orchestration.contracts.model import Contract
from orchestration.core.refusal import Refusal
from orchestration.protection import names

_SIGNATURES = {
    b"PK\x03\x04": "a zip or Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
}
# Encodings in which (nearly) any bytes are text, so that text in UTF-8 would be read as other signs.
_ONE_BYTE = ("latin-1", "windows-1252")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# Limits on comparing a name found in a file, and on how much of it is shown.
_NAMES_COMPARED, _NAME_COMPARED, _NAME_SHOWN = 200, 200, 60
_NAME_LOOKED_AT = 120  # more than is shown, so that no number is cut in two before it is looked at
NOT_SHOWN = "…"
# Bytes that are letters and signs in Windows-1252 and control characters in Latin-1.
_CONTROLS = re.compile(rb"[\x80-\x9f]")

# How far down the file to look for a header that is not in the agreed place.
TOP_LINES = 30


def shown(name: str) -> str:
    """A name from a file, such as a header or a sheet, made safe for a sentence.

    Characters that do not print, or that reverse the text direction, are shown as code points, so that
    a name can neither forge a log line nor control a terminal, and a zero-width space is visible. One that
    holds personal data is not shown at all.
    """
    if names.is_personal(name[:_NAME_LOOKED_AT]):
        return NOT_SHOWN
    visible = [letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in name]
    return "".join(visible[:_NAME_SHOWN])


def refuse_other_kinds(content: bytes, expected: str, rule: str) -> None:
    """Refuse bytes that cannot be text of any kind.

    Raises:
        Refusal: the bytes begin like those of another kind of file.
    """
    for signature, what in _SIGNATURES.items():
        if content.startswith(signature):
            raise Refusal(rule, f"the file is {what}; expected {expected}")


def decode(content: bytes, contract: Contract, expected: str, rule: str = "not_text") -> str:
    """The file as text in the agreed encoding, without a byte order mark.

    Raises:
        Refusal: the file is of another kind, or not in the agreed encoding.
    """
    refuse_other_kinds(content, expected, rule)
    if content.startswith(_UTF16_MARKS) and contract.encoding != "utf-16":
        raise Refusal("wrong_encoding", f"the file is UTF-16; expected {contract.encoding.upper()}")
    if b"\x00" in content and contract.encoding != "utf-16":
        raise Refusal(rule, f"the file is binary; expected {expected}")
    if contract.encoding in _ONE_BYTE and _is_utf8(content):
        raise Refusal("wrong_encoding", f"the file is UTF-8; expected {contract.encoding.upper()}")
    if contract.encoding == "latin-1" and (control := _CONTROLS.search(content)):
        raise _not_encoded(content, control.start(), contract)
    try:
        text = content.decode("utf-8-sig" if contract.encoding == "utf-8" else contract.encoding)
    except UnicodeDecodeError as problem:
        if contract.encoding == "utf-8" and "unexpected end" in problem.reason:
            raise cut_off(content.count(b"\n") + 1) from None
        raise _not_encoded(content, problem.start, contract) from None
    if "\x00" in text:
        raise Refusal(rule, f"the file is binary; expected {expected}")
    return text


def _is_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8 and not ASCII: text in another encoding is never both by chance."""
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def cut_off(line: int) -> Refusal:
    """The refusal of a text file that was cut off on its way, in the middle of a line."""
    return Refusal(
        "cut_off",
        f"the file stops in the middle of line {line}; it was cut off on its way",
        (line,),
    )


def _not_encoded(content: bytes, place: int, contract: Contract) -> Refusal:
    line = content[:place].count(b"\n") + 1
    return Refusal(
        "wrong_encoding", f"line {line} is not {contract.encoding.upper()} text", (line,)
    )


def check_header_line(top: Sequence[Sequence[str]], contract: Contract) -> list[str]:
    """The header from the first lines of a file (`top`), in the place given in the contract.

    Raises:
        Refusal: the header is on another line, or the file ends before it.
    """
    line = contract.layout.header_line
    agreed = {column.header for column in contract.columns}
    found = [len(agreed.intersection(names)) for names in top]
    best = max(range(len(found)), key=lambda index: found[index], default=0)
    there = found[line - 1] if len(found) >= line else 0
    if found and found[best] > there and found[best] * 2 >= len(agreed):
        raise Refusal(
            "header_not_there",
            f"the header stands on line {best + 1}; it was agreed for line {line}",
            (best + 1,),
        )
    if len(top) < line:
        raise Refusal(
            "header_not_there", f"the file ends before its header, agreed for line {line}"
        )
    return list(top[line - 1])


def check_header(header: Sequence[str], contract: Contract, line: int | None = 1) -> None:
    """Check a header against the contract: every agreed column once and no others, in any order.

    `line` is the line of the header, if the file has lines.

    Raises:
        Refusal: a column is missing (with the likeliest other spelling), twice there, without a
            name or not agreed.
    """
    rows = () if line is None else (line,)
    there, known = Counter(header), {column.header for column in contract.columns}
    agreed = [column.header for column in contract.columns]
    missing = [name for name in agreed if name not in there]
    undeclared = [name for name in there if name not in known]
    if not {name.casefold() for name in agreed}.intersection(name.casefold() for name in there):
        # No header at all: the text there may be values, so none of it is quoted.
        raise Refusal(
            "missing_column",
            f"column “{agreed[0]}” is missing, and so are all others: the agreed columns "
            f"({len(agreed)}) are not there",
            rows,
        )
    if "" in there:
        place = list(header).index("") + 1
        raise Refusal("unnamed_column", f"column {place} has no name in the header", rows)
    twice = sorted(name for name, times in there.items() if times > 1)
    if twice:
        hint = f"; column “{missing[0]}” is missing and may be meant" if missing else ""
        raise Refusal(
            "duplicate_column", f"{_column(twice[0])} stands twice in the header{hint}", rows
        )
    if missing:
        likely = near(missing[0], _short(undeclared))
        hint = f"; {_column(likely)} may be meant" if likely else ""
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise Refusal("missing_column", f"column “{missing[0]}” is missing{more}{hint}", rows)
    if undeclared:
        likely = near(undeclared[0][:_NAME_COMPARED], agreed)
        hint = f"; the agreed one that is most like it is “{likely}”" if likely else ""
        raise Refusal(
            "undeclared_column",
            f"{_column(undeclared[0])} is not in the contract; columns that nobody agreed "
            f"to share are refused{hint}",
            rows,
        )


def _column(name: str) -> str:
    """A column (a key, an element) that was found, as a sentence names it."""
    text = shown(name)
    why = " (its name may lead to a person, so it is not shown)" if text == NOT_SHOWN else ""
    return f"column “{text}”{why}"


def _short(found: Sequence[str]) -> list[str]:
    """Names short enough to compare: the time taken is quadratic in their length."""
    return [name for name in found[:_NAMES_COMPARED] if len(name) <= _NAME_COMPARED]
