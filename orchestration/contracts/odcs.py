"""Data contracts: Open Data Contract Standard files read into what the pipeline needs.

A contract is the only description of a feed. Whatever it does not describe is refused (deny by
default), so an unknown key, a missing property or a rule that gate 1 could not run correctly raises here.

The library's models are used to validate only: below the root they silently drop unknown keys, and all
their fields are optional, so that each would have to be checked against the document all the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from orchestration.contracts.anomaly import watch_of
from orchestration.contracts.columns import column_of
from orchestration.contracts.content_rules import whole_file_rules
from orchestration.contracts.known_names import (
    known_keys,
    number_of,
    one_of,
    properties_of,
    text_of,
)
from orchestration.contracts.model import (
    CARRIED,
    ENCODINGS,
    FORMATS,
    ROW,
    SEVERITIES,
    SHARE,
    SPREADSHEETS,
    Column,
    Contract,
    ContractError,
    Layout,
    Rule,
)
from orchestration.contracts.rules import (
    agreed_rule,
    facts_of,
    generated_rules,
    reason_sql,
    share_rule,
)
from orchestration.contracts.staging import staging_of
from orchestration.core import periods
from orchestration.core.plain_yaml import SafeLoader
from orchestration.core.settings import Partnership

__all__ = [
    "ROW", "SEVERITIES", "SHARE", "Column", "Contract", "ContractError", "Layout", "PlainLoader", "Rule",
    "load_contract", "load_contracts", "reason_sql", "validate_standard",
]  # fmt: skip

# Every key of the standard that is used here, and those that only inform a reader (the second line).
# Any other would appear to be agreed and do nothing.
_DOCUMENT = (
    "apiVersion", "kind", "id", "name", "version", "status", "domain", "dataProduct", "description",
    "team", "slaProperties", "customProperties", "schema",
    "servers", "roles", "price", "support", "tags", "tenant", "authoritativeDefinitions", "contractCreatedTs",
)  # fmt: skip
_TABLE = (
    "name", "logicalType", "physicalType", "dataGranularityDescription", "properties", "quality",
    "id", "physicalName", "businessName", "description", "tags", "authoritativeDefinitions",
)  # fmt: skip
# A contract that is proposed or a draft was not agreed, so that nothing may be taken under it.
_STATUSES = ("active", "deprecated", "retired")
_PROPERTIES = {
    "partner", "lawfulBasis", "format", "dialect", "layout", "filePattern", "period", "part",
    "keptFrom", "provisionalMonths", "prescribed", "prescribedFields", "sampleName",
    "sampleEdition", "retentionMonths", "anomaly", "staging", "byPart", "covers",
    "nilReturn", "partList", "correctedName", "carriesOver", "rowsAre", "rates",
}  # fmt: skip

# The keys of a layout that apply to each format; others are refused.
_TITLE_AND_TOTAL = ("titleRows", "totalLabel")
_LAYOUT_KEYS = {
    "csv": _TITLE_AND_TOTAL,
    "geojson": (),
    **dict.fromkeys(SPREADSHEETS, (*_TITLE_AND_TOTAL, "headerRows", "sheet")),
    "json": ("records",),
    "xml": ("row", "header"),
}


def load_contracts(folder: Path) -> dict[str, Contract]:
    """Read every `*.odcs.yaml` under `folder`; the result is ordered by feed.

    Raises:
        ContractError: a contract is not valid, or two contracts describe the same feed.
    """
    contracts: dict[str, Contract] = {}
    for path in sorted(folder.rglob("*.odcs.yaml")):
        contract = load_contract(path)
        if contract.feed in contracts:
            raise ContractError(f"{path.name}: the feed {contract.feed} has two contracts")
        contracts[contract.feed] = contract
    if not contracts:
        raise ContractError("no contract was found; a feed without a contract is never read")
    return dict(sorted(contracts.items()))


def load_contract(path: Path) -> Contract:
    """Read one contract.

    Raises:
        ContractError: the file is not a contract as in the standard, or lacks something a run needs.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return _contract(yaml.load(text, Loader=PlainLoader), text)  # noqa: S506 - a SafeLoader
    except (
        ContractError,
        KeyError,
        TypeError,
        ValueError,
        re.error,
        yaml.YAMLError,
    ) as problem:
        detail = f"{problem.args[0]} is missing" if isinstance(problem, KeyError) else str(problem)
        raise ContractError(f"{path.parent.name}/{path.name}: {detail}") from problem


class PlainLoader(SafeLoader):
    """YAML without dates (`2018-04` and `2021-04-01` in a contract are text) and without a key twice.

    YAML takes the last of two equal keys silently, so that what stands first would seem to be agreed.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if isinstance(name, str | int | float | bool) and name in seen:
                raise ContractError(f"line {key.start_mark.line + 1}: the key {name} stands twice")
            seen.add(str(name) if isinstance(name, list | dict) else name)
        return super().construct_mapping(node, deep=deep)


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def validate_standard(document: Mapping[str, Any]) -> list[str]:
    """Check a contract against the standard's published JSON schema; one sentence per problem."""
    import jsonschema

    schema = json.loads(
        (resources.files("open_data_contract_standard") / "schema.json").read_text("utf-8")
    )
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [
        f"{'/'.join(str(step) for step in error.absolute_path) or 'contract'}: {error.message[:200]}"
        for error in sorted(validator.iter_errors(document), key=lambda e: list(e.absolute_path))
    ]


def _contract(document: Mapping[str, Any], text: str) -> Contract:
    known_keys("the contract", document, _DOCUMENT)
    known_keys("description", document["description"], ("purpose", "limitations", "usage"))
    custom = properties_of("custom property", document["customProperties"], _PROPERTIES)
    table = _delivered(document)
    known_keys("schema", table, _TABLE)
    columns = _columns(table["properties"])
    _follows_standard(document)
    cadence, latency = _service(document["slaProperties"])
    form = one_of("format", custom["format"], FORMATS)
    layout = _layout(form, custom.get("layout", {}), columns)
    dialect = custom["dialect"] if form in ("csv", "geojson") else custom.get("dialect", {})
    known_keys("dialect", dialect, ("encoding", "delimiter", "quote", "escape"))
    _separators(dialect)
    encoding = dialect["encoding"] if form in ("csv", "geojson") else dialect.get("encoding")
    # ASCII only: text taken from the name becomes a folder's name, and other scripts' digits are not a year.
    pattern = re.compile(custom["filePattern"], re.ASCII)
    kind, value, editions = _period(custom["period"], pattern)
    part_of, part_list = _parts(custom, pattern)
    kept_from = custom.get("keptFrom")
    if kept_from is not None and not periods.is_month(str(kept_from)):
        raise ContractError(f"keptFrom is {kept_from!r}; expected a month such as 2018-04")
    prescribed, owed = _prescribed(custom, columns)
    staging = staging_of(custom.get("staging", {}), columns)
    facts = facts_of(custom.get("byPart", {}))
    if facts and part_of is None:
        raise ContractError("byPart states facts by part, but the feed has no parts")
    stated = (
        *generated_rules(columns, staging),
        *(agreed_rule(entry, facts) for entry in table.get("quality", [])),
    )
    # On its own it would make a contract that checks nothing look checked.
    stated = (*stated, *(whole_file_rules(columns) if stated else ()))
    rules = (*stated, *share_rule(stated, staging.rejected_share))
    return Contract(
        partner=_name("partner", custom["partner"]),
        name=_name("name", document["name"]),
        version=document["version"],
        title=document["dataProduct"],
        purpose=document["description"]["purpose"],
        limitations=document["description"].get("limitations", ""),
        grain=table["dataGranularityDescription"],
        owner=_owner(document["team"]),
        lawful_basis=custom["lawfulBasis"],
        format=form,
        encoding=one_of("encoding", encoding or "utf-8", ENCODINGS),
        delimiter=dialect.get("delimiter", ","),
        quote=dialect.get("quote", '"'),
        escape=dialect.get("escape", '"'),
        layout=layout,
        file_pattern=pattern,
        period_kind=kind,
        period_value=value,
        part_of=part_of,
        cadence=cadence,
        latency_months=latency,
        kept_from=str(kept_from) if kept_from is not None else None,
        provisional_months=int(custom.get("provisionalMonths", 0)),
        prescribed=prescribed,
        prescribed_fields=owed,
        sample_name=_sample_name(custom.get("sampleName")),
        sample_edition=text_of("sampleEdition", custom["sampleEdition"])
        if "sampleEdition" in custom
        else None,
        columns=columns,
        rules=rules,
        retired=one_of("status", document["status"], _STATUSES) == "retired",
        # With the rules: a release that derives others from the same text judges everything again.
        fingerprint=hashlib.sha256(f"{text}{rules!r}".encode()).hexdigest(),
        retention_months=number_of("retentionMonths", custom["retentionMonths"], 1, 600)
        if "retentionMonths" in custom
        else None,
        nil_return=one_of("nilReturn", custom.get("nilReturn", "refused"), ("allowed", "refused"))
        == "allowed",
        watch=watch_of(custom.get("anomaly", {}), columns),
        staging=staging,
        covers_district=_covers_district(custom),
        part_list=part_list,
        editions=editions,
        corrected_pattern=_corrected(custom, pattern),
        carries_over=one_of("carriesOver", custom["carriesOver"], CARRIED)
        if "carriesOver" in custom
        else "",
        states_particular="rowsAre" in custom
        and one_of("rowsAre", custom["rowsAre"], ("particular",)) == "particular",
        has_rates=one_of("rates", custom.get("rates", "residents"), ("residents", "none"))
        == "residents",
    )


def _parts(custom: Mapping[str, Any], pattern: re.Pattern[str]) -> tuple[str | None, str | None]:
    """Which part of the feed is due, as a field of the partnership, and the list that parts come from.

    A part that is any text is a delivery's identity chosen by its sender: a renamed copy would count again.
    """
    part_of, part_list = custom.get("part"), custom.get("partList")
    if part_of is None:
        if "part" in pattern.groupindex or part_list is not None:
            raise ContractError(
                "the feed names parts, but the property part does not say which is due"
            )
        return None, None
    one_of("part", part_of, (field.name for field in fields(Partnership)))
    if "part" not in pattern.groupindex:
        raise ContractError("filePattern has no group named part")
    if part_list is None:
        raise ContractError("the feed has parts, but partList names no list that they come from")
    return str(part_of), text_of("partList", part_list)


def _corrected(custom: Mapping[str, Any], pattern: re.Pattern[str]) -> re.Pattern[str] | None:
    """The agreed name of a file that corrects a period's delivery under another name."""
    if "correctedName" not in custom:
        return None
    corrected = re.compile(custom["correctedName"], re.ASCII)
    if set(corrected.groupindex) != set(pattern.groupindex):
        raise ContractError("correctedName has other groups than filePattern")
    return corrected


def _covers_district(custom: Mapping[str, Any]) -> bool:
    """Whether every row of the feed lies in the partnership's district, whatever place it names."""
    if "covers" not in custom:
        return False
    return one_of("covers", custom["covers"], ("district",)) == "district"


def _delivered(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of what is delivered: the only one, or the one of several that has the feed's name.

    The others describe what the partner makes of it or from it, and no file is read by them.
    """
    tables = document["schema"]
    chosen = [table for table in tables if len(tables) == 1 or table["name"] == document["name"]]
    if len(chosen) != 1:
        raise ContractError(
            f"{len(tables)} schemas, and not exactly one is called {document['name']} like the feed"
        )
    return dict(chosen[0])


def _separators(dialect: Mapping[str, Any]) -> None:
    """Refuse a dialect by which no file could be read, or not in one way only."""
    for key in ("delimiter", "quote", "escape"):
        if key in dialect and (not isinstance(dialect[key], str) or len(dialect[key]) != 1):
            raise ContractError(f"{key} of the dialect is {dialect[key]!r}; expected one character")
    delimiter = dialect.get("delimiter", ",")
    for key in ("quote", "escape"):
        if dialect.get(key, '"') == delimiter:
            raise ContractError(f"the dialect's {key} and its delimiter are both {delimiter!r}")
    if delimiter in "\r\n":
        raise ContractError("the dialect's delimiter is a line end")


def _owner(team: Any) -> str:
    """Who answers for the feed: the team's name or, of a list (as until v3.0), its owner."""
    if isinstance(team, Mapping):
        return str(team["name"])
    owners = [member for member in team if str(member.get("role", "")).casefold() == "owner"]
    if not (owners or team):
        raise ContractError("team is empty; somebody answers for a feed")
    member = (owners or team)[0]
    return text_of("team", member.get("name") or member["username"])


def _follows_standard(document: Mapping[str, Any]) -> None:
    from open_data_contract_standard.model import OpenDataContractStandard
    from pydantic import ValidationError

    try:
        OpenDataContractStandard.model_validate(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = "/".join(str(step) for step in first["loc"])
        raise ContractError(f"{where}: {first['msg']}") from None


def _name(what: str, name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ContractError(f"{what} {name!r} is not in lower snake case")
    return name


def _columns(entries: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    columns = tuple(column_of(entry) for entry in entries)
    for what in ("name", "header"):
        taken = [getattr(column, what) for column in columns]
        twice = sorted({text for text in taken if taken.count(text) > 1})
        if twice:
            raise ContractError(f"two columns have the {what} {twice[0]!r}")
    return columns


def _service(entries: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """How often the feed is delivered, and how many months after its period it is due."""
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        known_keys("slaProperties", entry, ("property", "value", "unit", "description", "id"))
        found[one_of("slaProperty", entry["property"], ("frequency", "latency"))] = entry
    if "latency" not in found:
        return found["frequency"]["unit"], 0
    one_of("unit of latency", found["latency"]["unit"], ("month",))
    return found["frequency"]["unit"], number_of("latency", found["latency"]["value"], 0, 60)


def _layout(form: str, keys: Mapping[str, Any], columns: tuple[Column, ...]) -> Layout:
    known_keys(f"layout of a {form} file", keys, _LAYOUT_KEYS[form])
    layout = Layout(
        title_rows=number_of("titleRows", keys.get("titleRows", 0), 0, 20),
        header_rows=number_of("headerRows", keys.get("headerRows", 1), 1, 2),
        sheet=text_of("sheet", keys["sheet"]) if "sheet" in keys else "",
        total_label=text_of("totalLabel", keys["totalLabel"]) if "totalLabel" in keys else "",
        records=text_of("records", keys["records"]) if "records" in keys else "",
        row=text_of("row", keys["row"]) if "row" in keys else "",
        header=text_of("header", keys["header"]) if "header" in keys else "",
    )
    if form == "xml":
        if not layout.row:
            raise ContractError("layout says no row; an xml feed needs the tag of its rows")
        for column in columns:
            above = column.header.rpartition("/")[0]
            if above and above != layout.header:
                raise ContractError(
                    f"column {column.name} stands in {above}, which is not the layout's header"
                )
    return layout


def _period(
    period: Mapping[str, Any], pattern: re.Pattern[str]
) -> tuple[str, str | None, tuple[str, ...]]:
    """The kind of period, its label if all deliveries share one, and editions that are no date."""
    known_keys("period", period, ("kind", "from", "value", "editions"))
    kind = one_of("kind of period", period["kind"], periods.KINDS)
    editions = tuple(text_of("edition", label) for label in period.get("editions", ()))
    if editions and (kind != periods.EDITION or period["from"] != "name"):
        raise ContractError("editions are listed, but no edition is read from the file's name")
    if one_of("origin of the period", period["from"], ("name", "constant")) == "name":
        if "value" in period:
            raise ContractError("period has a value but is read from the file's name")
        if "period" not in pattern.groupindex:
            raise ContractError("filePattern has no group named period")
        return kind, None, editions
    value = str(period["value"])
    if not periods.is_period(kind, value):
        raise ContractError(f"period value {value!r} is not {periods.in_words(kind)}")
    return kind, value, editions


def _prescribed(
    custom: Mapping[str, Any], columns: tuple[Column, ...]
) -> tuple[str | None, tuple[str, ...]]:
    """The paragraph of the regulations that the feed meets, and the columns that are owed."""
    if "prescribed" not in custom:
        if "prescribedFields" in custom:
            raise ContractError("prescribedFields are named but prescribed is not")
        return None, ()
    owed = custom.get("prescribedFields", [])
    names = re.split(r"\s*,\s*", owed.strip()) if isinstance(owed, str) else list(owed)
    known_keys("prescribedFields", dict.fromkeys(names), [column.name for column in columns])
    return text_of("prescribed", custom["prescribed"]), tuple(names)


def _sample_name(name: str | None) -> str | None:
    if name is None:
        return None
    known_keys("sampleName", dict.fromkeys(re.findall(r"{(.*?)}", name)), ("period", "part"))
    return name
