"""What a fault is, and the ways to change a file that faults are put together from."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.core.office_documents import excel, fix_bytes

ACCEPTED, WARNED, REFUSED, REJECTED_ROWS, MISSING, UNDECLARED, MISDATED = (
    "accepted", "warned", "refused", "rejected rows", "missing", "undeclared", "misdated",
)  # fmt: skip
THIRTEEN = 13  # as often as a partner's one file was once counted

Change = Callable[[Path], None]


class UnknownFault(WarehouseError):
    """The requested fault is not defined, or its feed is not made."""


@dataclass(frozen=True)
class Fault:
    """A way in which a delivery of `feed` goes wrong.

    `outcome` is what the warehouse must do with it. If that is a refusal or a warning, `rule` must
    be the cause, and `words` must be in the reason given to the partner; for rejected rows, `rule`
    is the reason. An `accepted` delivery breaks no rule at all.
    """

    summary: str
    outcome: str
    rule: str
    change: Change
    feed: str = "police/street_crime"
    words: str = ""

    def apply(self, path: Path) -> None:
        """Spoil the file of one delivery in place (in a sample: the feed's newest)."""
        self.change(path)


def in_bytes(change: Callable[[bytes], bytes]) -> Change:
    """Change a file's bytes."""

    def apply(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return apply


def in_text(change: Callable[[str], str]) -> Change:
    """Change the text of a UTF-8 file (CSV, JSON, XML)."""
    return in_bytes(lambda content: change(content.decode("utf-8")).encode("utf-8"))


def in_lines(change: Callable[[list[str]], list[str]]) -> Change:
    """Change the lines of a UTF-8 file; each keeps its end."""
    return in_text(lambda text: "".join(change(text.splitlines(keepends=True))))


def in_field(line: int, column: int, value: str) -> Change:
    """Put `value` into one field of a CSV file; the header is line 0, and -1 the last line."""

    def change(lines: list[str]) -> list[str]:
        (fields,) = csv.reader([lines[line]])
        fields[column] = value
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow(fields)
        lines[line] = buffer.getvalue()
        return lines

    return in_lines(change)


def in_table(
    change: Callable[[pd.DataFrame], pd.DataFrame], delimiter: str = ",", encoding: str = "utf-8"
) -> Change:
    """Change a CSV file as a table of text, blank where it is blank."""

    def apply(path: Path) -> None:
        table = pd.read_csv(
            path, sep=delimiter, encoding=encoding, dtype=str, keep_default_na=False
        )
        change(table).to_csv(
            path, sep=delimiter, encoding=encoding, index=False, lineterminator="\n"
        )

    return apply


def in_rows(
    values: Mapping[str, str],
    where: Callable[[pd.DataFrame], Any] = lambda table: table.index < 1,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Change:
    """Put values into columns of a CSV file, by header, in the rows of `where` (the first)."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[where(table), list(values)] = list(values.values())
        return table

    return in_table(change, delimiter, encoding)


def many_times(table: pd.DataFrame) -> pd.DataFrame:
    """Every row thirteen times."""
    return pd.concat([table] * THIRTEEN)


def in_workbook(change: Callable[[Any], None]) -> Change:
    """Change an XLSX file as an openpyxl workbook."""

    def apply(path: Path) -> None:
        book = excel().load_workbook(path)
        change(book)
        book.save(path)
        fix_bytes(path)

    return apply


def in_cell(sheet: str, place: str, value: object) -> Change:
    """Put `value` into one cell of an XLSX file: `in_cell("Factors", "B3", "c")`."""

    def change(book: Any) -> None:
        book[sheet][place] = value

    return in_workbook(change)


def in_archive(member: str, change: Callable[[str], str]) -> Change:
    """Change the text of one member of a zip: `content.xml` of an ODS file, say."""

    def apply(path: Path) -> None:
        again = io.BytesIO()
        with zipfile.ZipFile(path) as found, zipfile.ZipFile(again, "w") as changed:
            for entry in found.infolist():
                content = found.read(entry)
                if entry.filename == member:
                    content = change(content.decode("utf-8")).encode("utf-8")
                changed.writestr(entry, content)
        path.write_bytes(again.getvalue())

    return apply


def renamed(change: Callable[[Path], str]) -> Change:
    """Give a file another name."""

    def apply(path: Path) -> None:
        path.rename(path.with_name(change(path)))

    return apply
