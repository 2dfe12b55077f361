"""What a reader gets: pages that pass an audit, a tagged PDF, the marks on everything, nothing kept back."""

import json
import re
import zipfile
from collections import Counter

import duckdb
import openpyxl
import pandas as pd
import pikepdf
import pytest

from orchestration.disclosure import allow_list
from orchestration.edition.figures.contents import VARIANTS
from tests.support import accessibility, editions, pdf_text
from tests.support.editions import PUBLIC, REPORT, SECOND, SENSITIVE
from tests.support.report_page import Page

PAGES = (f"{REPORT}.html", "quality.html")
# What a program writes where it has nothing to say, or writes of a namespace that it did not know.
NO_WORDS = re.compile(r"\b(?:nan|NaN|NaT|None|null|undefined|Timestamp|Int64|dtype)\b|ns\d+:|<NA>")
# The parts of an edition that are written by people or by the gates and are no figures.
PARTS = ("changes", "checklist", "ranking", "gates", "waivers", "commentary")
FIGURES = ("count", "previous_count", "change", "change_percent", "rate", "rate_lower", "rate_upper",
           "modelled_count", "harm", "share_of_harm", "respondents", "our_count", "their_count",
           "difference", "centre", "lower_limit", "upper_limit", "signal", "finding", "verdict")  # fmt: skip


@pytest.fixture(scope="module")
def edition(issued_home):
    return issued_home.editions / SECOND / "v1"


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request):
    return request.param


@pytest.fixture(scope="module")
def folder(edition, variant):
    return edition / variant


def table_of(folder, name):
    return duckdb.read_parquet(str(folder / "parquet" / f"{name}.parquet")).df()


@pytest.mark.parametrize(
    ("marking", "name", "width"),
    [
        *((marking, name, 320) for marking in VARIANTS for name in PAGES),
        # Both variants have one style; the sensitive pages hold all that the public ones do.
        *((SENSITIVE, name, 1280) for name in PAGES),
    ],
)
def test_the_page_passes_the_audit_and_asks_for_nothing(edition, marking, name, width):
    found = accessibility.check(edition / marking / name, width)
    assert found.violations == []
    assert found.requests == []
    assert found.overflow == 0


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_it_is_and_nothing_is_left_of_programs(folder, variant, name):
    words = Page((folder / name).read_text(encoding="utf-8")).words
    assert NO_WORDS.findall(words) == []
    assert variant.upper() in words
    assert "SYNTHETIC" in words
    assert "DRAFT" not in words


@pytest.fixture(scope="module")
def pdf(folder):
    with pikepdf.open(folder / f"{REPORT}.pdf") as opened:
        yield opened


def structure_of(pdf):
    """Every element of the PDF's structure."""
    found, waiting = [], [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        children = element.get("/K", [])
        children = children if isinstance(children, pikepdf.Array) else [children]
        for child in children:
            if isinstance(child, pikepdf.Dictionary) and "/S" in child:
                found.append(child)
                waiting.append(child)
    return found


def test_the_pdf_is_tagged_named_and_in_english(pdf):
    assert bool(pdf.Root.MarkInfo.Marked) is True
    assert str(pdf.Root.Lang) == "en-GB"
    assert "Strategic assessment 2025–26" in str(pdf.docinfo["/Title"])
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle) is True
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert "/CreationDate" not in pdf.docinfo


def test_every_picture_of_the_pdf_has_words_in_its_place(pdf):
    elements = structure_of(pdf)
    kinds = Counter(str(element["/S"]) for element in elements)
    figures = [element for element in elements if str(element["/S"]) == "/Figure"]
    assert len(figures) >= 30, kinds
    for figure in figures:
        assert len(str(figure.get("/Alt", "")).strip()) >= 20
        assert NO_WORDS.findall(str(figure["/Alt"])) == []
    assert kinds["/H1"] == 1 and kinds["/H2"] >= 10 and kinds["/Table"] >= 10


@pytest.fixture(scope="module")
def pdf_pages(folder):
    return pdf_text.pages(folder / f"{REPORT}.pdf")


def test_every_page_of_the_pdf_carries_its_marks(pdf_pages, pdf, variant):
    assert len(pdf_pages) == len(pdf.pages) >= 20
    for number, page in enumerate(pdf_pages, start=1):
        # The other marking begins alike: OFFICIAL-SENSITIVE is never printed on a public page.
        markings = re.findall(r"OFFICIAL(?:-SENSITIVE)?", page)
        assert variant.upper() in markings, number
        assert "SYNTHETIC" in page, number
        assert NO_WORDS.findall(page) == [], number


def test_the_workbook_carries_its_marks_and_opens_without_a_blank_figure(folder, variant):
    book = openpyxl.load_workbook(folder / f"{REPORT}.xlsx", read_only=True)
    cover = " ".join(
        str(value)
        for row in book.worksheets[0].iter_rows(values_only=True)
        for value in row
        if value is not None
    )
    assert variant.upper() in cover
    assert "SYNTHETIC" in cover
    for sheet in book.worksheets:
        texts = [v for row in sheet.iter_rows(values_only=True) for v in row if isinstance(v, str)]
        assert not [text for text in texts if NO_WORDS.search(text)], sheet.title
        assert not [text for text in texts if text.startswith("=")], sheet.title
    with zipfile.ZipFile(folder / f"{REPORT}.xlsx") as archive:
        assert not [name for name in archive.namelist() if "vba" in name or "external" in name]


def test_the_data_package_names_every_file_and_its_hash(folder, variant):
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["marking"] == variant.upper() and package["synthetic"] is True
    hashes = editions.bytes_of(folder)
    listed = {
        entry["path"]: entry["hash"].removeprefix("sha256:") for entry in package["resources"]
    }
    data = {name: sha for name, sha in hashes.items() if name.split("/")[0] in ("csv", "parquet")}
    assert listed == data
    assert ("licenses" in package) == (variant == PUBLIC)


def test_nothing_public_has_a_table_or_column_that_is_not_on_the_list(edition):
    listed = allow_list.columns()
    folder = edition / PUBLIC
    for path in sorted((folder / "parquet").glob("*.parquet")):
        if path.stem in PARTS:
            continue
        columns = list(table_of(folder, path.stem).columns)
        assert set(columns) <= set(listed[path.stem]), path.stem
        header = (folder / "csv" / f"{path.stem}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        assert header.split(",") == columns
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert not [name for name in names if "evidence" in name or "revisions" in name]


def test_no_suppressed_cell_has_a_figure_in_any_public_table(edition):
    """In Parquet and in CSV: whatever is marked as kept back has none of its figures."""
    folder = edition / PUBLIC
    looked_at = 0
    for path in sorted((folder / "parquet").glob("*.parquet")):
        typed = table_of(folder, path.stem)
        if "suppressed" not in typed:
            continue
        text = pd.read_csv(folder / "csv" / f"{path.stem}.csv", dtype=str, keep_default_na=False)
        assert len(text) == len(typed)
        figures = [name for name in FIGURES if name in typed]
        hidden = typed["suppressed"].notna()
        looked_at += int(hidden.sum())
        assert (
            typed.loc[hidden, [n for n in figures if n not in ("previous_count",)]]
            .isna()
            .all(axis=None)
        ), path.stem
        assert text["suppressed"].ne("").tolist() == hidden.tolist()
        kept = [n for n in figures if n != "previous_count"]
        assert text.loc[hidden, kept].eq("").all(axis=None), path.stem
    assert looked_at > 1000


def test_what_was_decided_to_be_kept_back_is_kept_back(edition):
    """Every decision of control, as the sensitive edition keeps it, against the public figures."""
    decisions = duckdb.read_parquet(
        str(edition / SENSITIVE / "evidence" / "disclosure_decisions.parquet")
    ).df()
    key = ["measure_id", "area_type", "area_code", "period_type", "period_start"]
    hidden = decisions[decisions["suppressed"].notna()][key].assign(
        period_start=lambda rows: pd.to_datetime(rows["period_start"])
    )
    figures = table_of(edition / PUBLIC, "figures")
    figures["period_start"] = pd.to_datetime(figures["period_start"])
    found = figures.merge(hidden, on=key)
    assert len(found) > 400
    assert found[["count", "rate", "modelled_count"]].isna().all(axis=None)
    true = table_of(edition / SENSITIVE, "figures")
    true["period_start"] = pd.to_datetime(true["period_start"])
    assert true.merge(hidden, on=key)["count"].notna().sum() > 500


def test_public_counts_are_zero_rounded_or_exact_by_their_rule(edition, issued_home):
    figures = table_of(edition / PUBLIC, "figures")
    rules = pd.read_csv(issued_home.seeds / "register" / "disclosure_rules.csv")
    register = pd.read_csv(issued_home.seeds / "register" / "measure_register.csv", dtype=str)
    figures = figures.merge(
        register[["measure_id", "disclosure_rule", "published_by_law"]], on="measure_id"
    ).merge(rules, left_on="disclosure_rule", right_on="rule_id")
    shown = figures[figures["count"].notna() & figures["published_by_law"].eq("false")]
    protected = shown[shown["suppress_to"].gt(0)]
    assert len(protected) > 500
    assert (protected["count"] % protected["round_to"]).eq(0).all()
    small = protected["count"].between(1, protected["suppress_to"] - 3)
    assert not small.any()


def test_the_four_case_review_figures_are_printed_exactly_as_they_are(edition):
    own, public = (table_of(edition / name, "case_reviews") for name in (SENSITIVE, PUBLIC))
    own = own[own["strategy_year"].eq(SECOND)].set_index("measure_id")["count"]
    public = public[public["strategy_year"].eq(SECOND)].set_index("measure_id")
    assert len(own) == 4 and own.notna().all()
    assert public["suppressed"].isna().all()
    assert public["count"].to_dict() == own.to_dict()


def test_the_public_words_are_not_the_sensitive_ones(edition):
    words = {name: table_of(edition / name, "commentary") for name in VARIANTS}
    assert set(words[PUBLIC]["words"]).isdisjoint(words[SENSITIVE]["words"])
    page = Page((edition / PUBLIC / f"{REPORT}.html").read_text(encoding="utf-8")).words
    for text in words[SENSITIVE]["words"]:
        for line in text.splitlines():
            if len(line) > 60 and "made up" not in line.lower():
                assert line not in page
