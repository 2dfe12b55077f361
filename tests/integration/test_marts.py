"""The published marts: whole years, rolling months, zero and missing, the ledger, made-up data said so."""

import json

import duckdb
import pytest

from tests.conftest import MONTHS


@pytest.fixture(scope="module")
def marts(built):
    with built.connect() as connection:
        yield connection


def test_a_rate_and_its_interval_are_rederived(marts):
    count, denominator, year, rate, lower, upper = marts.sql(
        'select "count", denominator, denominator_year, rate, rate_lower, rate_upper '
        "from marts.anti_social_behaviour where measure_id = 'police_asb_incidents' "
        "and area_type = 'city' and period_type = 'strategy_year' and strategy_year = '2025-26'"
    ).fetchone()
    assert (denominator, year) == (260008, 2022)  # the newest mid-year of the shipped series
    assert rate == pytest.approx(1000 * count / denominator)
    from scipy.stats import chi2

    assert lower == pytest.approx(1000 * chi2.ppf(0.025, 2 * count) / 2 / denominator, rel=1e-3)
    assert upper == pytest.approx(1000 * chi2.ppf(0.975, 2 * count + 2) / 2 / denominator, rel=1e-3)


def test_a_year_with_a_missing_month_is_null_with_a_reason_never_partial(marts):
    found = {
        year: (count, reason)
        for year, count, reason in marts.sql(
            'select strategy_year, "count", missing_reason from marts.fct_measure '
            "where measure_id = 'police_asb_incidents' and area_type = 'city' "
            "and period_type = 'strategy_year'"
        ).fetchall()
    }
    assert found["2023-24"] == (None, "not_supplied")
    assert found["2024-25"] == (None, "not_supplied")  # April to June 2024 never came
    assert found["2025-26"][0] > 0 and found["2025-26"][1] is None
    assert found["2026-27"] == (None, "not_yet_due")


def test_rolling_twelve_months_are_whole_or_null(marts):
    known = marts.sql(
        "select min(period_end), max(period_end), count(*) from marts.fct_measure "
        "where measure_id = 'police_robbery' and area_type = 'city' "
        "and period_type = 'rolling_12m' and \"count\" is not null"
    ).fetchone()
    assert [str(day) for day in known[:2]] == ["2025-06-30", "2026-08-31"]
    assert known[2] == MONTHS - 11


def test_zero_is_a_number_and_missing_is_not(marts):
    zeros, missing, zero_in_missing = marts.sql(
        """
        select
            count(*) filter (where "count" = 0 and missing_reason is null),
            count(*) filter (where "count" is null and missing_reason = 'not_supplied'),
            count(*) filter (where "count" = 0 and period_start < date '2024-07-01')
        from marts.fct_measure where period_type = 'month' and area_type = 'lsoa'
        """
    ).fetchone()
    assert zeros > 0 and missing > 0 and zero_in_missing == 0


def test_everything_says_synthetic(marts, built):
    assert marts.sql("select bool_and(is_synthetic) from marts.fct_measure").fetchone() == (True,)
    comments = marts.sql("select comment from duckdb_tables()").fetchall()
    assert all("SYNTHETIC" in comment for (comment,) in comments)


def test_everything_says_how_it_is_to_be_handled(marts, built):
    """Beside that it is made up, which takes nothing away."""
    folder = built.settings.published
    comments = marts.sql("select comment from duckdb_tables()").fetchall()
    assert all(comment.startswith("OFFICIAL-SENSITIVE") for (comment,) in comments)
    marked = "select cast(marking as varchar), notice like '%SYNTHETIC%' from governance.about"
    assert marts.sql(marked).fetchall() == [("OFFICIAL-SENSITIVE", True)]
    for files, marking in (("parquet/*/*", "OFFICIAL-SENSITIVE"), ("official/*", "OFFICIAL")):
        found = duckdb.sql(
            "select file_name, map_from_entries(list((decode(key), decode(value)))) as said"
            f" from parquet_kv_metadata('{folder}/{files}.parquet') where decode(key) <> 'ARROW:schema'"
            " group by file_name"
        ).fetchall()
        assert len(found) > 20
        assert {said["marking"] for _, said in found} == {marking}
        assert {said["synthetic"] for _, said in found} == {"true"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["marking"], manifest["synthetic"]) == ("OFFICIAL-SENSITIVE", True)
    assert manifest["official"]["marking"] == "OFFICIAL"


def test_the_disclosure_rules_are_a_table(marts):
    found = marts.sql(
        "select disclosure_rule, suppress_to, measures from governance.disclosure_rules"
        " where disclosure_rule in ('under_5', 'hes_1_7_round_5') order by 1"
    ).fetchall()
    assert [row[:2] for row in found] == [("hes_1_7_round_5", 7), ("under_5", 4)]
    assert all(row[2] > 0 for row in found)


def test_every_row_is_in_the_ledger(marts, built):
    received, raw, difference = marts.sql(
        "select sum(rows_received), sum(rows_raw), sum(unexplained_difference) "
        "from governance.reconciliation where feed = 'police/street_crime'"
    ).fetchone()
    lines = sum(
        len(path.read_text(encoding="utf-8").splitlines()) - 1
        for path in built.source.rglob("*-street.csv")
    )
    assert (received, raw, difference) == (lines, lines, 0)


def test_completeness_has_every_state(marts):
    states = marts.sql(
        "select state, count(*) from governance.completeness "
        "where feed = 'police/street_crime' group by state"
    ).fetchall()
    assert dict(states) == {"delivered": MONTHS, "missing": 15, "not_due": 7}


def test_the_home_offices_table_is_of_the_same_crimes(marts):
    """Two partners tell of one city: the force's extract, and the Home Office's table of it."""
    groups, most = marts.sql(
        "select count(*), max(abs(difference)) from governance.external_reconciliation "
        "where strategy_year = '2025-26' and state = 'agrees'"
    ).fetchone()
    others = marts.sql(
        "select count(*) from governance.external_reconciliation "
        "where strategy_year = '2025-26' and state <> 'agrees'"
    ).fetchone()
    assert groups > 10 and most == 0
    assert others == (0,)
