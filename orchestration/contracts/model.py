"""What a contract says, as plain data. `contracts.py` reads it from files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from orchestration.core import periods
from orchestration.core.errors import WarehouseError

SEVERITIES = ("critical", "warning", "info")
# What a rule of a contract does with rows that break it, besides: only those rows are left out.
ROW = "row"
SHARE = "rejected_share"  # the rule that refuses a delivery of which too many rows are rejected
FORMATS = ("csv", "geojson", "xlsx", "ods", "json", "xml")
SPREADSHEETS = ("xlsx", "ods")
# Excel's “CSV (Comma delimited)” is Windows-1252 in the United Kingdom.
ENCODINGS = ("utf-8", "latin-1", "windows-1252", "utf-16")

# What a marker in place of a number or a date can mean: different reasons for a missing value.
# Publishers differ: NDTMS prints `*` for fewer than 5; the Department for Education printed `x` for
# 1 or 2 pupils, and `z` or `:` for not applicable (data guidance of the exclusions statistics).
MARKER_MEANINGS = ("suppressed", "zero", "not_applicable", "not_available")

# The date formats of contracts (JDK style, as in the standard) in `strptime` style.
DATE_FORMATS = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "dd/MM/yyyy": "%d/%m/%Y",
    "yyyy-MM": "%Y-%m",
    "yyyy-MM-dd HH:mm": "%Y-%m-%d %H:%M",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
    "yyyy-MM-dd'T'HH:mm:ss": "%Y-%m-%dT%H:%M:%S",
    "dd/MM/yyyy HH:mm": "%d/%m/%Y %H:%M",
    "dd/MM/yyyy HH:mm:ss": "%d/%m/%Y %H:%M:%S",
    "HH:mm": "%H:%M",
    "HH:mm:ss": "%H:%M:%S",
}
# A pseudonym begins with the name of the key that made it, so that keys can be distinguished.
KEY_NAME = "[a-z][a-z0-9]{0,11}"
PSEUDONYM_FORM = rf"{KEY_NAME}-[0-9a-f]{{32}}"
# How far a column may be passed on. `personal` identifies a person; it is only stored as a pseudonym.
CLASSIFICATIONS = ("public", "internal", "restricted", "confidential", "personal")
# Kinds of text that identify a person; a column may hold one only if its contract says so.
PERSONAL_KINDS = (
    "e_mail", "postcode", "nhs_number", "telephone", "national_insurance_number", "name",
    "date_of_birth", "address", "vehicle_registration", "police_identifier", "document_number", "handle",
    "coordinates", "property_reference", "ip_address",
)  # fmt: skip
NUMBERS = ("number", "integer")
# What of a period's delivery may also stand in another period's, from little to all of it.
CARRIED = ("identifiers", "rows", "file")
DATES = ("date", "timestamp", "time")


class ContractError(WarehouseError):
    """A contract cannot be used. The message names the file and the fault in it."""


@dataclass(frozen=True)
class Reviewed:
    """Text that looks personal, was looked at by somebody and leads to nobody: a pattern of RE2."""

    pattern: str
    by: str
    on: str
    reason: str


@dataclass(frozen=True)
class Column:
    """One column of a feed: `name` in the warehouse, `header` in the partner's file.

    `minimum` is the smallest number allowed: 0 for what counts something. `markers` are texts in place
    of a number or a date, with their meaning; `thousands` says that
    numbers may have commas; `date_format` is in `strptime` style. `pseudonym` is the domain in which
    the column's identifiers are replaced by pseudonyms before they are stored; `may_hold` are the
    kinds of personal data agreed for it. `area_code` says of which kind of area the column's codes are,
    where the wards in force are to be told from earlier ones. `reviewed` is text that is left out before
    personal data are looked for. `unique` and `in_key` (the primary key) hold within a delivery;
    `bounds` are `minLength`, `maxLength` and `maximum`, as in the standard.
    """

    name: str
    header: str
    logical_type: str
    required: bool
    classification: str
    description: str
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    markers: Mapping[str, str] = field(default_factory=dict)
    thousands: bool = False
    date_format: str | None = None
    pseudonym: str | None = None
    may_hold: tuple[str, ...] = ()
    area_code: str | None = None
    minimum: int | None = None
    reviewed: tuple[Reviewed, ...] = ()
    unique: bool = False
    in_key: bool = False
    bounds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """Where the rows are in a file.

    `title_rows`: lines above the header. `header_rows`: 2 where headers are merged over two rows.
    `sheet`: the sheet's name ("": the workbook has only one). `total_label`: first cell of a total
    row at the end. `records`: key of the array of a JSON document ("": the document is the array).
    `row`, `header`: tags of XML's repeated element, and of the one element that goes with each row.
    """

    title_rows: int = 0
    header_rows: int = 1
    sheet: str = ""
    total_label: str = ""
    records: str = ""
    row: str = ""
    header: str = ""

    @property
    def header_line(self) -> int:
        """The line of the file that holds the (last) header row."""
        return self.title_rows + self.header_rows


@dataclass(frozen=True)
class Rule:
    """One Great Expectations rule of a contract or of a mart suite.

    A rule of severity `row` rejects the rows that break it, for the reason `rejects`, and never the
    delivery. `condition` is SQL over the text of a delivery's rows that is true for such a row: gate 1
    counts by it and staging rejects by it. It may hold window functions over `_delivery`.
    """

    id: str
    severity: str
    expectation: str
    kwargs: Mapping[str, Any]
    sentence: str
    condition: str = ""
    rejects: str = ""


# What is watched by comparing a delivery with the others of its feed (quality/anomalies.py).
ANOMALIES = (
    "rows", "location", "codes", "mix", "repeats", "lag", "end", "days", "places", "values", "blanks",
)  # fmt: skip


@dataclass(frozen=True)
class Watch:
    """How a feed is watched for anomalies: severity by kind, and the columns that are looked at.

    A kind that is not in `severities` is not watched. `location`: columns of which at least one is
    blank if a row has no location. `event`: the date of a row's event. `codes` are checked against
    the codes in the feed's other deliveries; `mix` are categories whose shares are compared.
    """

    severities: Mapping[str, str] = field(default_factory=dict)
    location: tuple[str, ...] = ()
    event: str = ""
    codes: tuple[str, ...] = ()
    mix: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staging:
    """How a feed is staged, in so far as its columns do not determine it.

    `names`: staged names that differ from the contract's. `omitted`: columns that are not staged.
    `types`: staged types that do not follow from the logical type. `reasons`: the column that says
    why a number is missing, by the number's column. `rejects`: reasons for rejecting a row, by the
    rule, where they are not the usual ones. `refuses`: rules of columns that refuse the whole delivery
    instead (`None`: all of them). `rejected_share`: above this share of rejected rows (0 to 1) the
    delivery is refused; `None` leaves it to the register. `by_hand`: the model reads the rows itself,
    and no columns are generated for it.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    rejects: Mapping[str, str] = field(default_factory=dict)
    refuses: tuple[str, ...] | None = ()
    rejected_share: float | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class Contract:
    """What was agreed with a partner about one feed.

    `kept_from` is a month whatever the kind of period. `prescribed` is the paragraph of the Crime and
    Disorder (Prescribed Information) Regulations 2007 that the feed meets, if it is owed by law,
    and `prescribed_fields` the names of the columns that are owed. `sample_name` is the file name
    of synthetic extracts, `sample_edition` their edition. `retention_months` says how long a
    delivery is kept after the end of its period, where that was agreed. `covers_district`: every row
    lies in the partnership's district by definition, so a row whose place is not known counts in the
    whole area all the same. `nil_return`: a delivery
    without rows states that there was nothing in its period. `part_list` is the list of the register
    (`delivery_parts`) that the parts of the feed come from, and `editions` are labels of editions that
    are no date. `corrected_pattern` is the name of a file that corrects a period's under another name.
    `carries_over` (one of `CARRIED`) is what a period's delivery may share with another period's.
    `states_particular`: the contract says that no two rows are alike by chance. Without `has_rates`
    the rows are not of the people of the district, so nothing of the feed is put over residents. Of a
    `retired` contract nothing is pulled and nothing expected; what was delivered stays.
    """

    partner: str
    name: str
    version: str
    title: str
    purpose: str
    limitations: str
    grain: str
    owner: str
    lawful_basis: str
    format: str
    encoding: str
    delimiter: str
    quote: str
    escape: str
    layout: Layout
    file_pattern: re.Pattern[str]
    period_kind: str
    period_value: str | None
    part_of: str | None
    cadence: str
    latency_months: int
    kept_from: str | None
    provisional_months: int
    prescribed: str | None
    prescribed_fields: tuple[str, ...]
    sample_name: str | None
    sample_edition: str | None
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    fingerprint: str
    retention_months: int | None = None
    nil_return: bool = False
    watch: Watch = field(default_factory=Watch)
    staging: Staging = field(default_factory=Staging)
    covers_district: bool = False
    retired: bool = False
    part_list: str | None = None
    editions: tuple[str, ...] = ()
    corrected_pattern: re.Pattern[str] | None = None
    carries_over: str = ""
    states_particular: bool = False
    has_rates: bool = True

    @property
    def feed(self) -> str:
        """The feed's name everywhere: `partner/name`."""
        return f"{self.partner}/{self.name}"

    @property
    def rejecting(self) -> tuple[Rule, ...]:
        """The rules that reject rows, in the order in which their reasons are given."""
        return tuple(rule for rule in self.rules if rule.severity == ROW)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The columns that tell one row of the feed from all others, each by itself.

        They follow from what the contract says is unique, and from staged keys; lists of categories and
        codes of areas tell no row of an event from others.
        """
        key = [column.name for column in self.columns if column.in_key]
        alone = {column.name for column in self.columns if column.unique}
        alone |= {name for name, kind in self.staging.types.items() if kind == "key"}
        alone |= set(key) if len(key) == 1 else set()
        for rule in self.rules:
            if rule.expectation == "expect_compound_columns_to_be_unique":
                of_row = set(rule.kwargs["column_list"]) - {"_delivery"}
                alone |= of_row if len(of_row) == 1 else set()
        return tuple(
            column.name for column in self.columns if column.name in alone and not column.allowed
        )

    @property
    def rows_are_particular(self) -> bool:
        """Whether no two rows are alike by chance: each has an identifier, or a day, or it is stated."""
        return (
            self.states_particular
            or bool(self.identifiers)
            or any(column.logical_type in DATES for column in self.columns)
        )

    def named(self, file_name: str) -> re.Match[str] | None:
        """What a file name of the feed says, by the agreed name or by that of a correction."""
        return self.named_as_correction(file_name) or self.file_pattern.fullmatch(file_name)

    def named_as_correction(self, file_name: str) -> re.Match[str] | None:
        """The same, where it is the name that was agreed for corrections."""
        agreed = self.corrected_pattern
        return agreed.fullmatch(file_name) if agreed is not None else None

    @property
    def statutory(self) -> bool:
        """Whether the feed is owed by law."""
        return self.prescribed is not None

    def due_through(self, today: date) -> str:
        """The last period that is due by `today`; of a retired contract, one before any there is data of."""
        if self.retired:
            return periods.due_through(self.period_kind, date(1900, 1, 1), 0)
        return periods.due_through(self.period_kind, today, self.latency_months)

    def expected_part(self, partnership: Any) -> str:
        """The part of the feed that is due from this partnership; empty for a feed without parts."""
        return str(getattr(partnership, self.part_of)) if self.part_of else ""
