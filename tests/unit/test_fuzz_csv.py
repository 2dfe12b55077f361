"""CSV of every dirt: what a correct writer wrote comes back equal, anything else is rows or a refusal.

Another parser (Python's, in the tests as in the reader) says what a file holds; a row never shifts.
"""

import csv
import io
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestration.core.refusal import Refusal
from tests.support.fuzz import NAMES, agreed, is_one_sentence, rounds, rows_of
from tests.support.made_up import column
from tests.support.made_up_files import read, refusal

COLUMNS = [column(name.lower(), name) for name in NAMES]
DIRT = st.sampled_from(
    ["a", "b", "1", " ", ",", ";", '"', '""', "'", "\n", "\r\n", "\r", "\t", "\\", "é", "€", "\x0b",
     "\x0c", "\x85", "\u2028", "\u2029", "\u200b", "\u200f", "\u202e", "\ufeff", "😀", "#", "=1+1",
     "{batch}", "%s", "null", "NULL", "\x1b[31m", "'; drop table delivered; --"]
)  # fmt: skip
VALUES = st.lists(DIRT, max_size=6).map("".join)
TABLES = st.lists(st.lists(VALUES, min_size=4, max_size=4), min_size=1, max_size=8)


def written(rows, end="\n", quoting=csv.QUOTE_MINIMAL, header=NAMES, delimiter=","):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=quoting, delimiter=delimiter)
    writer.writerows([header, *rows])
    return out.getvalue()


def expected(rows):
    """The rows as they should be read: without those at the end that hold nothing but blanks."""
    filled = [place for place, row in enumerate(rows, 1) if any(v.strip(" ") for v in row)]
    return [tuple(value or None for value in row) for row in rows[: max(filled, default=0)]]


def values(found):
    return [row[1:] for row in found]


@rounds(150)
@given(
    rows=TABLES,
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    mark=st.booleans(),
    delimiter=st.sampled_from([",", ";", "|", "\t"]),
)
def test_what_a_correct_writer_wrote_comes_back_equal(
    tmp_path, rows, end, quoting, mark, delimiter
):
    # The writer leaves a lone CR without quotes, which is no correct CSV.
    assume(quoting == csv.QUOTE_ALL or not any("\r" in value for row in rows for value in row))
    text = ("\ufeff" if mark else "") + written(rows, end, quoting, delimiter=delimiter)
    found = rows_of(tmp_path, text.encode(), agreed("csv", 4, delimiter=delimiter))
    assert values(found) == expected(rows)


@rounds(80)
@given(rows=TABLES, ends=st.lists(st.booleans(), min_size=9, max_size=9))
def test_mixed_line_ends_change_no_value(tmp_path, rows, ends):
    lines = [
        written([], header=row, end="\r\n" if crlf else "\n", quoting=csv.QUOTE_ALL)
        for row, crlf in zip([NAMES, *rows], ends, strict=False)
    ]
    found = rows_of(tmp_path, "".join(lines).encode(), agreed("csv", 4))
    assert values(found) == expected(rows)


@rounds(60)
@given(rows=TABLES)
def test_utf_16_comes_back_equal(tmp_path, rows):
    content = written(rows, quoting=csv.QUOTE_ALL).encode("utf-16")
    found = rows_of(tmp_path, content, agreed("csv", 4, encoding="utf-16"))
    assert values(found) == expected(rows)


@rounds(60)
@given(
    values_=st.lists(
        st.text(st.characters(min_codepoint=1, max_codepoint=255, categories=["L", "N", "P", "Z"]),
                max_size=8), min_size=1, max_size=6)
)  # fmt: skip
def test_latin_1_comes_back_equal(tmp_path, values_):
    rows = [[value, "", value, "x"] for value in values_]
    content = written(rows, quoting=csv.QUOTE_ALL).encode("latin-1")
    found = rows_of(tmp_path, content, agreed("csv", 4, encoding="latin-1"))
    assert values(found) == expected(rows)


@rounds(120)
@given(rows=TABLES, place=st.integers(0, 7), line=st.lists(DIRT, max_size=10).map("".join))
def test_a_spoilt_line_never_shifts_another(tmp_path, rows, place, line):
    lines = [written([], header=row, quoting=csv.QUOTE_ALL) for row in [NAMES, *rows]]
    lines.insert(1 + place % len(lines), line + "\n")
    text = "".join(lines)
    try:
        found = rows_of(tmp_path, text.encode(), agreed("csv", 4))
    except Refusal as refused:
        is_one_sentence(refused)
        return
    same = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert values(found) == expected([row for row in same if row][1:])


@rounds(120)
@given(content=st.binary(max_size=200), at=st.integers(0, 80))
def test_bytes_anywhere_are_rows_or_one_sentence(tmp_path, content, at):
    good = written([["a", "b", "c", "d"]] * 3).encode()
    try:
        found = rows_of(tmp_path, good[:at] + content + good[at:], agreed("csv", 4))
    except Refusal as refused:
        is_one_sentence(refused)
    else:
        assert all(len(row) == 5 for row in found)


@pytest.mark.parametrize("line", ["a,b,1,2,", 'a,b,1,2,""', "a,b,1,2,,,", ",a,b,1,"])
def test_an_empty_column_too_many_is_a_column_too_many(tmp_path, line):
    """An unquoted comma in a row whose last value is empty looks like this, and shifts it."""
    content = f"One,Two,Three,Four\nq,w,e,r\n{line}\n".encode()
    found = refusal(tmp_path, content, "csv", COLUMNS)
    assert (found.rule, found.rows) == ("bad_line", (3,)) or line == ",a,b,1,"
    assert found.rule == "bad_line"


def test_a_line_end_within_quotes_stays_as_it_was_written(tmp_path):
    content = b'One,Two,Three,Four\n"a\r\nb",1,2,3\nx,1,2,3\r\n'
    assert values(read(tmp_path, content, "csv", COLUMNS))[0] == ("a\r\nb", "1", "2", "3")


def test_lines_that_end_in_two_ways_need_plain_quotes(tmp_path):
    dialect = {"encoding": "utf-8", "escape": "\\"}
    content = b'One,Two,Three,Four\r\n"a\\"b",1,2,3\nx,1,2,3\r\n'
    assert refusal(tmp_path, content, "csv", COLUMNS, dialect=dialect).rule == "not_csv"
    found = read(tmp_path, content.replace(b"\r", b""), "csv", COLUMNS, dialect=dialect)
    assert values(found)[0] == ('a"b', "1", "2", "3")


def test_a_column_of_its_own_keeps_its_blank_lines(tmp_path):
    found = read(tmp_path, b'One\nx\n\ny\n""\n', "csv", COLUMNS[:1])
    assert values(found) == [("x",), (None,), ("y",), (None,)]


def test_windows_1252_is_no_latin_1(tmp_path):
    content = "One,Two,Three,Four\n“a”,1,2,3\n".encode("cp1252")
    dialect = {"encoding": "latin-1"}
    found = refusal(tmp_path, content, "csv", COLUMNS, dialect=dialect)
    assert (found.rule, found.sentence) == ("wrong_encoding", "line 2 is not LATIN-1 text")


def test_a_nul_in_utf_16_is_no_text(tmp_path):
    content = "One,Two,Three,Four\na\0b,1,2,3\n".encode("utf-16")
    assert refusal(tmp_path, content, "csv", COLUMNS, dialect={"encoding": "utf-16"}).rule == (
        "not_text"
    )


CORPUS = Path(__file__).parents[1] / "corpus"
EXPECTED = yaml.safe_load((CORPUS / "expected.yaml").read_text(encoding="utf-8"))


def test_every_file_of_the_corpus_is_expected():
    assert {path.name for path in CORPUS.iterdir()} == {*EXPECTED, "expected.yaml"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_corpus_of_dirty_files(tmp_path, name):
    content, form = (CORPUS / name).read_bytes(), name.rpartition(".")[2]
    if "rows" in EXPECTED[name]:
        assert len(read(tmp_path, content, form, COLUMNS)) == EXPECTED[name]["rows"]
        return
    rule, words = EXPECTED[name]["refused"]
    found = refusal(tmp_path, content, form, COLUMNS)
    is_one_sentence(found)
    assert found.rule == rule
    assert words in found.sentence


def test_a_row_that_spans_lines_is_named_by_its_first(tmp_path):
    content = b'One,Two,Three,Four\n"a\n\nb",b,c\na,b,c,d\n"e,\n\n\n'
    found = refusal(tmp_path, content, "csv", COLUMNS)
    assert found.rows == (2, 6)
