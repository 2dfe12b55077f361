"""Any bytes give rows or a refusal in one sentence: never a traceback, never shifted columns."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.contracts.odcs import load_contract
from orchestration.core.refusal import Refusal
from orchestration.core.settings import PROJECT
from orchestration.ingest.readers.csv_reader import read

CONTRACT = load_contract(PROJECT / "expectations/feeds/reference/lsoa_2011_to_2021.odcs.yaml")
HEADER = ",".join(column.header for column in CONTRACT.columns)
ROW = "E01014210,a,E01014210,b,U,E06000021,c,,1"


def rows_of(path: Path, content: bytes) -> list[tuple[object, ...]]:
    path.write_bytes(content)
    with duckdb.connect() as connection:
        return connection.sql(read(connection, CONTRACT, path)).fetchall()


def test_values_stay_as_written(tmp_path):
    content = f'{HEADER}\n"E01014210","a, ""quoted""",E01014210, b ,U,E06000021,007,,1\n'
    (row,) = rows_of(tmp_path / "f.csv", content.encode())
    assert row == (
        2,
        "E01014210",
        'a, "quoted"',
        "E01014210",
        " b ",
        "U",
        "E06000021",
        "007",
        None,
        "1",
    )


def test_columns_are_found_by_name_not_by_place(tmp_path):
    names = HEADER.split(",")
    values = ROW.split(",")
    content = ",".join(reversed(names)) + "\n" + ",".join(reversed(values)) + "\n"
    (row,) = rows_of(tmp_path / "f.csv", content.encode())
    assert row[1:] == tuple(value or None for value in values)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends(tmp_path, end):
    content = f"{HEADER}{end}{ROW}{end}{ROW}{end}"
    assert len(rows_of(tmp_path / "f.csv", content.encode())) == 2


def test_one_file_can_be_read_twice_at_once(tmp_path):
    """Deliveries 1 and 3 are one file where a correction was taken back; both need a copy in UTF-8."""
    content = f"{HEADER}\r\n{ROW}\n" + f"{ROW}\r\n" * 20_000
    path = tmp_path / "f.csv"
    path.write_bytes(content.encode())

    def rows(_):
        with duckdb.connect(config={"threads": 1}) as connection:
            return len(connection.sql(read(connection, CONTRACT, path)).fetchall())

    with ThreadPoolExecutor(2) as readers:
        assert set(readers.map(rows, range(8))) == {20_001}
    assert list(tmp_path.iterdir()) == [path]


def test_the_sentence_names_the_line_and_no_value(tmp_path):
    secret = "Jane Example"
    content = f"{HEADER}\n{ROW}\n{secret},1\n{ROW}\n"
    with pytest.raises(Refusal) as refusal:
        rows_of(tmp_path / "f.csv", content.encode())
    assert refusal.value.rows == (3,)
    assert "line 3 has too few columns" in refusal.value.sentence
    assert secret not in refusal.value.sentence


def test_a_renamed_column_is_suggested(tmp_path):
    content = HEADER.replace("LSOA21CD", "LSOA_21_CD") + f"\n{ROW}\n"
    with pytest.raises(Refusal, match="“LSOA21CD” is missing; column “LSOA_21_CD” may be meant"):
        rows_of(tmp_path / "f.csv", content.encode())


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(tmp_path, content):
    try:
        rows_of(tmp_path / "f.csv", content)
    except Refusal as refusal:
        assert refusal.sentence and "\n" not in refusal.sentence


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(alphabet=st.sampled_from("a,\"'\n\r;é|\t"), max_size=12), max_size=12))
def test_dirty_lines_never_shift_columns(tmp_path, lines):
    content = HEADER + "\n" + "\n".join(lines) + "\n" + ROW + "\n"
    try:
        found = rows_of(tmp_path / "f.csv", content.encode())
    except Refusal:
        return
    assert all(len(row) == len(CONTRACT.columns) + 1 for row in found)
    assert found[-1][1:] == tuple(value or None for value in ROW.split(","))
