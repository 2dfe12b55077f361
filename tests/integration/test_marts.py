"""The published marts, re-derived from the extracts with pandas and from the register's words alone."""

import pandas as pd
import pytest

from tests.conftest import MONTHS

MONTH = "2025-11"


@pytest.fixture(scope="module")
def marts(built):
    with built.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def extract(built):
    """The extract of one month as the partner wrote it, with the ward of every LSOA."""
    street = pd.read_csv(built.source / "police" / f"{MONTH}-staffordshire-street.csv", dtype=str)
    lookup = pd.read_csv(
        next(built.source.rglob("LSOA_(2021)*.csv")), dtype=str, encoding="utf-8-sig"
    )
    return street.merge(lookup, left_on="LSOA code", right_on="LSOA21CD", how="left")


RULES = {
    "police_asb_incidents": lambda kind: kind == "Anti-social behaviour",
    "police_recorded_crime": lambda kind: kind != "Anti-social behaviour",
    "police_violence_and_sexual_offences": lambda kind: kind == "Violence and sexual offences",
    "police_robbery": lambda kind: kind == "Robbery",
    "police_possession_of_weapons": lambda kind: kind == "Possession of weapons",
    "police_public_order": lambda kind: kind == "Public order",
    "police_criminal_damage_and_arson": lambda kind: kind == "Criminal damage and arson",
}


def test_every_measure_of_a_month_is_rederived(marts, extract, built):
    registered = {
        row[0] for row in marts.sql("select measure_id from marts.dim_measure").fetchall()
    }
    assert registered == set(RULES)
    for measure, rule in RULES.items():
        rows = extract[rule(extract["Crime type"])]
        expected = {
            ("city", "E06000021"): int(rows["LSOA21CD"].notna().sum()),
            ("unplaced", "NO_LOCATION"): int(rows["LSOA code"].isna().sum()),
            ("unplaced", "OUTSIDE_AREA"): int((rows["LSOA code"] == "E01099999").sum()),
            ("unplaced", "UNKNOWN_CODE"): 0,
        }
        for kind, column in (("lsoa", "LSOA21CD"), ("ward", "WD24CD")):
            lookup = pd.read_csv(
                next(built.source.rglob("LSOA_(2021)*.csv")), dtype=str, encoding="utf-8-sig"
            )
            counts = rows[column].value_counts()
            expected |= {(kind, code): int(counts.get(code, 0)) for code in lookup[column].unique()}
        found = marts.execute(
            'select area_type, area_code, "count" from marts.fct_measure '
            "where measure_id = ? and period_type = 'month' and period_start = ?",
            [measure, f"{MONTH}-01"],
        ).fetchall()
        assert {(kind, code): count for kind, code, count in found} == expected


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


def test_the_priority_marts_have_identical_columns(marts):
    columns = marts.sql(
        "select table_name, string_agg(column_name || data_type, ',' order by column_index) "
        "from duckdb_columns() where table_name in ('fct_measure', 'anti_social_behaviour', "
        "'serious_violence_vawg') group by table_name"
    ).fetchall()
    assert len(columns) == 3
    assert len({row[1] for row in columns}) == 1
    promised = [
        "measure_id",
        "area_type",
        "area_code",
        "area_name",
        "period_type",
        "period_start",
        "period_end",
        "strategy_year",
        "count",
        "denominator",
        "rate",
        "rate_lower",
        "rate_upper",
        "previous_count",
        "change",
        "change_is_significant",
        "rolling_12m",
        "missing_reason",
        "is_provisional",
        "data_as_at",
    ]
    present = {row[0] for row in marts.sql("describe marts.anti_social_behaviour").fetchall()}
    assert set(promised) <= present


def test_every_published_table_and_column_has_a_comment(marts):
    bare = marts.sql(
        "select schema_name, table_name, null from duckdb_tables() where comment is null union all "
        "select table_name, column_name, comment from duckdb_columns() "
        "where schema_name in ('marts', 'governance') and comment is null"
    ).fetchall()
    assert bare == []


def test_everything_says_synthetic(marts, built):
    assert marts.sql("select bool_and(is_synthetic) from marts.fct_measure").fetchone() == (True,)
    comments = marts.sql("select comment from duckdb_tables()").fetchall()
    assert all(comment.startswith("SYNTHETIC") for (comment,) in comments)


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
