"""What contracts may say beyond the basics: every unknown key raises, and every rule that follows
from a column is run through the real gate, with something that it must find.
"""

import pytest
import yaml

from orchestration.contracts.odcs import ContractError, Layout, load_contract
from tests.support.gate import assert_found
from tests.support.made_up import COLUMNS, column, custom, document, load

# --- what a contract may say ----------------------------------------------------------------------


def test_what_is_not_said_is_as_before(tmp_path):
    contract = load(tmp_path)
    assert contract.layout == Layout(0, 1, "", "", "", "", "")
    assert (contract.prescribed, contract.prescribed_fields, contract.statutory) == (
        None,
        (),
        False,
    )
    assert (contract.sample_name, contract.sample_edition) == (None, None)


def test_everything_that_can_be_said(tmp_path):
    contract = load(
        tmp_path,
        format="xlsx",
        dialect=None,
        layout={"titleRows": 3, "headerRows": 2, "sheet": "Table 1", "totalLabel": "All"},
        period={"kind": "financial_year", "from": "name"},
        filePattern=r"boats (?P<period>\d{4}-\d{2})\.xlsx",
        keptFrom="2018-04",
        prescribed="Schedule, para. 3",
        prescribedFields=["area", "seen_on"],
        sampleName="boats {period}.xlsx",
        sampleEdition="May 2025",
    )
    assert contract.layout == Layout(3, 2, "Table 1", "All")
    assert contract.layout.header_line == 5
    assert contract.encoding == "utf-8"
    assert contract.statutory
    assert (contract.prescribed, contract.prescribed_fields) == (
        "Schedule, para. 3", ("area", "seen_on"),
    )  # fmt: skip
    assert (contract.sample_name, contract.sample_edition) == ("boats {period}.xlsx", "May 2025")
    by_name = {entry.name: entry for entry in contract.columns}
    assert by_name["seen_on"].date_format == "%d/%m/%Y"
    assert by_name["people"].markers == {"*": "suppressed"}
    assert by_name["area"].date_format is None
    assert load(tmp_path, prescribed="x", prescribedFields="area , seen_on").prescribed_fields == (
        "area", "seen_on",
    )  # fmt: skip


XML = {"format": "xml", "dialect": None}
XLSX = {"format": "xlsx", "dialect": None}
MONTH = {"kind": "month", "from": "name"}


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"colour": "red"}, "unknown custom property colour"),
        ({"layuot": {}}, "unknown custom property layuot; did you mean layout"),
        ({"layout": {"titelRows": 1}}, "unknown key 'titelRows' in layout of a csv file; did you "
         "mean titleRows"),
        ({"layout": {"sheet": "A"}}, "unknown key 'sheet' in layout of a csv file"),
        ({"layout": {"headerRows": 2}}, "unknown key 'headerRows' in layout of a csv file"),
        ({**XLSX, "layout": {"records": "a"}}, "unknown key 'records' in layout of a xlsx file"),
        ({"format": "json", "layout": {"row": "a"}}, "unknown key 'row' in layout of a json file"),
        ({"layout": ["titleRows"]}, "layout of a csv file is not a set of keys and values"),
        ({"layout": {"titleRows": -1}}, "titleRows is -1; expected a number from 0 to 20"),
        ({"layout": {"titleRows": True}}, "titleRows is True"),
        ({"layout": {"totalLabel": ""}}, "totalLabel is ''; expected text"),
        ({**XLSX, "layout": {"headerRows": 3}}, "headerRows is 3"),
        ({**XLSX, "layout": {"sheet": 2024}}, None),
        (XML, "layout says no row"),
        ({**XML, "layout": {"row": "Boat", "header": "Head"}}, "Header, which is not the layout's"),
        ({"format": "parquet"}, "format 'parquet' is not known; expected one of csv, geojson"),
        ({"dialect": {"encoding": "utf-8", "delimeter": ";"}}, "did you mean delimiter"),
        ({"dialect": {"encoding": "cp1252"}}, "encoding 'cp1252' is not known"),
        ({"dialect": None}, "dialect is missing"),
        ({"period": {"kind": "week", "from": "name"}}, "kind of period 'week' is not known"),
        ({"period": {**MONTH, "form": "x"}}, "unknown key 'form' in period; did you mean from"),
        ({"period": {"kind": "month", "from": "sheet"}}, "origin of the period 'sheet'"),
        ({"period": {**MONTH, "value": "2024-01"}}, "has a value but is read from"),
        ({"period": {"kind": "quarter", "from": "constant", "value": "2024"}}, "is not a quarter"),
        ({"period": {"kind": "edition", "from": "constant"}}, "value is missing"),
        ({"filePattern": "boats.csv"}, "no group named period"),
        ({"part": "police_force_slug"}, "no group named part"),
        ({"part": "harbour"}, "part 'harbour' is not known"),
        ({"keptFrom": "2024"}, "keptFrom is '2024'; expected a month"),
        ({"prescribedFields": ["area"]}, "prescribedFields are named but prescribed is not"),
        ({"prescribed": "x", "prescribedFields": ["aera"]}, "unknown key 'aera' in "
         "prescribedFields; did you mean area"),
        ({"prescribed": ""}, "prescribed is ''"),
        ({"sampleName": "boats_{month}.csv"}, "unknown key 'month' in sampleName"),
        ({"sampleEdition": True}, "sampleEdition is True"),
        ({"partner": "Harbour"}, "partner 'Harbour' is not in lower snake case"),
    ],
)  # fmt: skip
def test_a_property_that_is_not_known_raises(tmp_path, properties, words):
    columns = COLUMNS
    if properties.get("format") == "xml":
        columns = (column("from_date", "Header/From"), *COLUMNS)
    if words is None:
        load(tmp_path, columns, **properties)
        return
    with pytest.raises(ContractError) as found:
        load(tmp_path, columns, **properties)
    assert words in str(found.value)
    assert str(found.value).startswith(f"{tmp_path.name}/boats.odcs.yaml: ")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (column("a", "A", require=True), "did you mean required"),
        (column("a", "A", "text"), "logicalType of column a 'text' is not known"),
        (column("a", "A", "date"), "column a is a date; its format is missing"),
        (column("a", "A", "date", logicalTypeOptions={"format": "d/M/yy"}),
         "format of column a 'd/M/yy' is not known; expected one of yyyy-MM-dd, dd/MM/yyyy"),
        (column("a", "A", "time", logicalTypeOptions={"format": "yyyy-MM-dd"}), "of HH:mm, HH:mm:ss"),
        (column("a", "A", "date", logicalTypeOptions={"pattern": "x"}), "unknown key 'pattern'"),
        (column("a", "A", logicalTypeOptions={"format": "dd/MM/yyyy"}), "unknown key 'format'"),
        (column("a", "A", enum=[{"value": True}]), "a value of column a is True; expected text"),
        (column("a", "A", "number", customProperties=custom(marker={"*": "zero"})),
         "unknown custom property of column a marker; did you mean markers"),
        (column("a", "A", "number", customProperties=custom(markers={"*": "hidden"})),
         "meaning of a marker of column a 'hidden' is not known; expected one of suppressed"),
        (column("a", "A", "number", customProperties=custom(markers=["*"])), "not a set of keys"),
        (column("a", "A", customProperties=custom(markers={"*": "zero"})), "for numbers or dates"),
        (column("a", "A", "number", customProperties=custom(thousands="yes")), "true or false"),
        (column("a", "A", customProperties=custom(thousands=True)), "only for numbers"),
        (column("a", "A", "number", customProperties=custom(thousands=True) * 2), "stands twice"),
        (column("a", "A", customProperties=[{"property": "thousands", "valeu": True}]),
         "unknown key 'valeu' in custom property of column a; did you mean value"),
    ],
)  # fmt: skip
def test_a_key_of_a_column_that_is_not_known_raises(tmp_path, entry, words):
    with pytest.raises(ContractError) as found:
        load(tmp_path, (entry,))
    assert words in str(found.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(terms="x"), "unknown key 'terms' in the contract"),
        (lambda d: d.update(version=[1]), "version: Input should be a valid string"),
        (lambda d: d["description"].update(purpse="x"), "did you mean purpose"),
        (lambda d: d["schema"][0].update(qualty=[]), "unknown key 'qualty' in schema; did you mean"),
        (lambda d: d["slaProperties"].append({"property": "latence", "value": 2, "unit": "month"}),
         "slaProperty 'latence' is not known"),
        (lambda d: d["slaProperties"].append({"property": "latency", "value": 2, "unit": "week"}),
         "unit of latency 'week' is not known"),
        (lambda d: d["slaProperties"].append({"property": "latency", "value": "2", "unit": "month"}),
         "latency is '2'; expected a number"),
        (lambda d: d["schema"][0]["properties"].append(column("area", "Place")),
         "two columns have the name 'area'"),
        (lambda d: d["schema"][0]["properties"].append(column("place", "Area")),
         "two columns have the header 'Area'"),
        (lambda d: d["schema"][0].update(quality=[{"id": "r", "type": "custom", "sevrity": "info"}]),
         "unknown key 'sevrity' in rule r; did you mean severity"),
        (lambda d: d["customProperties"].append({"property": "partner", "value": "other"}),
         "custom property partner stands twice"),
    ],
)  # fmt: skip
def test_any_other_key_that_is_not_known_raises(tmp_path, change, words):
    contract = document()
    change(contract)
    path = tmp_path / "boats.odcs.yaml"
    path.write_text(yaml.safe_dump(contract), encoding="utf-8")
    with pytest.raises(ContractError) as found:
        load_contract(path)
    assert words in str(found.value)


# --- the rules that follow, through the gate ------------------------------------------------------


NUMBERS = ["12", "-3", "+4", " 7 ", "0", "1000000", "1000000000000", None]
NO_INTEGERS = [
    "many",
    "12.5",
    "1_000",
    "1e3",
    "0x10",
    "twelve",
    "1,00",
    "12,34",
    "9" * 30,
    "--",
    "9000000000000000000",
    "-1000000000001",
]
NO_NUMBERS = [
    "many",
    "1_000",
    "0x10",
    "nan",
    "inf",
    "1.2.3",
    "1,00.5",
    "£12.50",
    "12%",
    "1 000",
    "1e13",
    "-1e300",
]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", NUMBERS, [*NO_INTEGERS, "1,234", "*", "-", ":", "NA"]),
        ("number", [*NUMBERS, "0.25", ".5", "5.", "1e-7", "-1.5E3"],
         [*NO_NUMBERS, "1,234", "*", "-", ":", "NA"]),
    ],
)  # fmt: skip
def test_numbers(tmp_path, kind, good, bad):
    assert_found(load(tmp_path, (column("n", "N", kind),)), "number:n", "row", good, bad)


MARKERS = {"*": "suppressed", "-": "zero", "z": "not_applicable", ":": "not_available",
           "NA": "not_available", "it's {c}": "suppressed"}  # fmt: skip


def test_numbers_with_markers_and_thousands(tmp_path):
    marked = column("n", "N", "integer", required=True, customProperties=custom(markers=MARKERS))
    good = [*filter(None, NUMBERS), *MARKERS]
    bad = [*NO_INTEGERS, "1,234", "**", "n/a", "na", " *", "Z"]
    assert_found(load(tmp_path, (marked,)), "number:n", "row", good, bad)
    marked["customProperties"] = custom(markers={"*": "suppressed"}, thousands=True)
    good = [*filter(None, NUMBERS), "*", "1,234", "-1,234,567", "1234"]
    bad = [*NO_INTEGERS, "1,23", "1,2345", ",123", "1,234.5", "1,234,", "NA", "-"]
    assert_found(load(tmp_path, (marked,)), "number:n", "row", good, bad)
    marked["logicalType"] = "number"
    good = ["1,234.56", "-1,234", "1234.5", "*"]
    assert_found(load(tmp_path, (marked,)), "number:n", "row", good, [*NO_NUMBERS, "1,2.5"])


@pytest.mark.parametrize(
    ("kind", "form", "good", "bad"),
    [
        ("date", "yyyy-MM-dd", ["2025-06-03", "2024-02-29"],
         ["03/06/2025", "2025-6-3", "2025-02-29", "2025-06-03 10:00", "45811", "June", " 2025-06-03"]),
        ("date", "dd/MM/yyyy", ["03/06/2025", "31/12/1999"],
         ["06/13/2025", "3/6/2025", "03/06/25", "2025-06-03", "31/06/2025", "03-06-2025"]),
        ("date", "yyyy-MM", ["2025-06"], ["2025-13", "2025", "06/2025", "2025-06-01"]),
        ("timestamp", "yyyy-MM-dd HH:mm", ["2025-06-03 23:59"],
         ["2025-06-03", "2025-06-03 24:00", "2025-06-03T10:00", "2025-06-03 10:00:00"]),
        ("timestamp", "yyyy-MM-dd'T'HH:mm:ss", ["2025-06-03T23:59:59"],
         ["2025-06-03 23:59:59", "2025-06-03T23:59", "2025-06-03T23:59:59Z"]),
        ("timestamp", "dd/MM/yyyy HH:mm", ["03/06/2025 00:00"], ["03/06/2025", "03/06/2025 9:00"]),
        ("time", "HH:mm", ["00:00", "23:59"], ["24:00", "9:30", "09:30:00", "half past nine"]),
    ],
)  # fmt: skip
def test_dates(tmp_path, kind, form, good, bad):
    entry = column("d", "D", kind, required=True, logicalTypeOptions={"format": form})
    assert_found(load(tmp_path, (entry,)), "date:d", "row", good, bad)


def test_a_date_that_is_not_required_may_have_markers(tmp_path):
    entry = column("d", "D", "date", logicalTypeOptions={"format": "dd/MM/yyyy"},
                   customProperties=custom(markers={"z": "not_applicable"}))  # fmt: skip
    assert_found(load(tmp_path, (entry,)), "date:d", "row", ["01/02/2025", None, "z"], ["*"])


def test_patterns_may_hold_braces_quotes_and_colons(tmp_path):
    entry = column("p", "P", logicalTypeOptions={"pattern": r"(?:it's|a{2}):b\d{1,2}"})
    assert_found(
        load(tmp_path, (entry,)), "pattern:p", "row", ["it's:b1", "aa:b22"], ["a:b1", "aa:c2"]
    )
