"""Faults of police/street_crime: what goes wrong with a CSV file."""

from __future__ import annotations

import re
from pathlib import Path

from orchestration.synthetic.faults.fault import (
    ACCEPTED,
    MISDATED,
    MISSING,
    REFUSED,
    REJECTED_ROWS,
    UNDECLARED,
    Fault,
    in_bytes,
    in_field,
    in_lines,
    in_text,
    renamed,
)


def _swap_columns(lines: list[str]) -> list[str]:
    """Crime type before LSOA name, in header and rows alike."""

    def swap(line: str) -> str:
        fields = line.rstrip("\n").split(",")
        fields[8], fields[9] = fields[9], fields[8]
        return ",".join(fields) + "\n"

    return [swap(line) for line in lines]


def _first_crime(lines: list[str]) -> int:
    """The first line with a Crime ID."""
    return next(n for n, line in enumerate(lines) if n and not line.startswith(","))


def _repeat_a_crime(lines: list[str]) -> list[str]:
    return [*lines, *[lines[_first_crime(lines)]] * 12]


def _drop_crimes(lines: list[str]) -> list[str]:
    return [lines[0], *(line for line in lines[1:] if line.startswith(","))]


def _blank_locations(lines: list[str]) -> list[str]:
    def blank(line: str) -> str:
        fields = line.rstrip("\n").split(",")
        fields[4:9] = ["", "", "No Location", "", ""]
        return ",".join(fields) + "\n"

    return [lines[0], *(blank(line) if n % 2 else line for n, line in enumerate(lines[1:]))]


def _quoted_location(line: str) -> str:
    fields = line.rstrip("\n").split(",")
    fields[6] = f'"{fields[6]}, Hanley"'
    return ",".join(fields) + "\n"


def _two_copies(path: Path) -> None:
    again = path.parent / "again"
    again.mkdir()
    (again / path.name).write_bytes(path.read_bytes())


_RETIRED = {"E01034052": "E01014251", "E01034053": "E01014251"}


def _old_codes(text: str) -> str:
    return re.sub("|".join(_RETIRED), lambda found: _RETIRED[found.group()], text)


STREET_CRIME: dict[str, Fault] = {
    "truncated": Fault(
        "the upload stopped in the middle of a line", REFUSED, "cut_off",
        in_bytes(lambda content: content[: len(content) * 2 // 3 // 10 * 10 - 7].rstrip(b"\r\n")),
    ),
    "half_a_month": Fault(
        "the file ends after a third of the month, at a line's end", REFUSED, "usual_volume",
        in_lines(lambda lines: [lines[0], *lines[1::3]]),
    ),
    "renamed_column": Fault(
        "a column has another name", REFUSED, "missing_column",
        in_text(lambda text: text.replace("Crime type", "Crime category", 1)),
    ),
    "extra_column": Fault(
        "a column that nobody agreed to share", REFUSED, "undeclared_column",
        in_lines(lambda lines: [line.rstrip("\n") + (",Victim age" if n == 0 else ",34") + "\n"
                              for n, line in enumerate(lines)]),
    ),
    "duplicate_column": Fault(
        "a column stands twice", REFUSED, "duplicate_column",
        in_lines(lambda lines: [line.rstrip("\n") + (",Month" if n == 0 else ",x") + "\n"
                              for n, line in enumerate(lines)]),
    ),
    "other_layout": Fault(
        "another force's layout: other columns, semicolons", REFUSED, "wrong_delimiter",
        in_text(lambda text: text.replace(",", ";")),
    ),
    "swapped_columns": Fault(
        "the agreed columns in another order", ACCEPTED, "", in_lines(_swap_columns)
    ),
    "quoted_commas": Fault(
        "commas within quotes, as some forces write them", ACCEPTED, "",
        in_lines(lambda lines: [lines[0], *map(_quoted_location, lines[1:])]),
    ),
    "ragged_line": Fault(
        "a line has a field too many", REFUSED, "bad_line",
        in_lines(lambda lines: [*lines[:40], lines[40].rstrip("\n") + ",more\n", *lines[41:]]),
    ),
    "open_quote": Fault(
        "a quote is never closed", REFUSED, "bad_line",
        in_lines(lambda lines: [*lines[:40], lines[40].replace("On or near", '"On or near')
                              .replace("No Location", '"No Location'), *lines[41:]]),
    ),
    "empty": Fault("a file of no bytes", REFUSED, "empty_file", in_bytes(lambda content: b"")),
    "header_only": Fault(
        "a header and no rows", REFUSED, "no_rows", in_lines(lambda lines: lines[:1])
    ),
    "binary": Fault(
        "an Excel workbook with the wrong ending", REFUSED, "not_text",
        in_bytes(lambda content: b"PK\x03\x04" + bytes(range(256)) * 8),
    ),
    "utf16": Fault(
        "the file is UTF-16", REFUSED, "wrong_encoding",
        in_bytes(lambda content: content.decode("utf-8").encode("utf-16")),
    ),
    "latin1": Fault(
        "the file is Latin-1 and has an accent", REFUSED, "wrong_encoding",
        in_bytes(lambda content: content.replace(b"Synthetic Street 5", "Café Street 5".encode("latin-1"))),
    ),
    "byte_order_mark": Fault(
        "a byte order mark before the header", ACCEPTED, "",
        in_bytes(lambda content: b"\xef\xbb\xbf" + content),
    ),
    "crlf": Fault(
        "Windows line ends", ACCEPTED, "", in_bytes(lambda content: content.replace(b"\n", b"\r\n"))
    ),
    "mixed_line_ends": Fault(
        "Windows and Unix line ends in one file", ACCEPTED, "",
        in_bytes(lambda content: content.replace(b"\n", b"\r\n", 500)),
    ),
    "wrong_month": Fault(
        "a row of another month", REFUSED, "month_is_the_files_month", in_field(40, 1, "2023-01")
    ),
    "bad_month": Fault("a month in words", REFUSED, "pattern:month", in_field(40, 1, "April")),
    "blank_month": Fault("a row without a month", REFUSED, "required:month", in_field(40, 1, "")),
    "unknown_crime_type": Fault(
        "a category that is not agreed", REJECTED_ROWS, "crime_type_not_allowed",
        in_field(40, 9, "Rough sleeping"),
    ),
    "blank_crime_type": Fault(
        "a row without a category", REJECTED_ROWS, "crime_type_blank", in_field(40, 9, "")
    ),
    "blank_force": Fault(
        "a row without a force", REJECTED_ROWS, "reported_by_blank", in_field(40, 2, "")
    ),
    "bad_crime_id": Fault(
        "a Crime ID that is not a hash", REJECTED_ROWS, "crime_id_not_as_agreed",
        in_field(-1, 0, "CR/1234/24"),
    ),
    "bad_lsoa": Fault(
        "an LSOA code that is a name", REJECTED_ROWS, "lsoa_code_not_as_agreed",
        in_field(40, 7, "Stoke 012A"),
    ),
    "repeated_crime": Fault(
        "one crime thirteen times", REJECTED_ROWS, "repeated_row", in_lines(_repeat_a_crime)
    ),
    "incidents_repeated": Fault(
        "anti-social behaviour, which has no Crime ID, thirteen times over", REFUSED,
        "usual_volume",
        in_lines(lambda lines: [*lines, *[line for line in lines if line.startswith(",")] * 12]),
    ),
    "no_crimes": Fault(
        "only anti-social behaviour, no crime", REFUSED, "months_crimes_and_incidents",
        in_lines(_drop_crimes),
    ),
    "few_rows": Fault(
        "a hundred rows for a month", REFUSED, "enough_rows",
        in_lines(lambda lines: [lines[0], *lines[-100:]]),
    ),
    "no_locations": Fault(
        "half the rows without a location", REFUSED, "share_without_location",
        in_lines(_blank_locations),
    ),
    "bad_coordinate": Fault(
        "a coordinate that is not a number", REJECTED_ROWS, "coordinate_not_a_number",
        in_field(40, 4, "west"),
    ),
    "lsoa_2011_codes": Fault(
        "LSOA codes of 2011", ACCEPTED, "", in_text(_old_codes)
    ),
    "future_month": Fault(
        "a month that has not begun", MISDATED, "",
        renamed(lambda path: path.name.replace(path.name[:7], "2099-01")),
    ),
    "unknown_name": Fault(
        "a file name that no contract knows", UNDECLARED, "",
        renamed(lambda path: f"copy of {path.name}"),
    ),
    "missing_month": Fault("the month never came", MISSING, "", lambda path: path.unlink()),
    "sent_twice": Fault("the same file in two places", ACCEPTED, "", _two_copies),
}  # fmt: skip
