"""The edition's profiles: which measures and values they list."""

import duckdb
import pytest

from orchestration.figures import warehouse_tables
from tests.support import thresholds

YEAR = warehouse_tables.year_of("2025-26")


@pytest.fixture
def profiles():
    with duckdb.connect() as connection:
        thresholds.publish(connection)
        connection.execute("create schema if not exists marts")
        for table, columns, rows in (
            ("priority_measure", "priority_id, measure_id", "('p', 'a'), ('p', 'b'), ('q', 'a')"),
            (
                "dim_measure",
                "measure_id, feed, method",
                "('a', 'police/x', 'count'), ('b', 'police/x', 'proportion'), ('c', 'police/x', 'count')",
            ),
            (
                "dim_profile",
                "dimension, dimension_name, sort_order, is_published",
                "('sex', 'Sex', 2, true), ('outcome', 'Outcome', 1, false)",
            ),
        ):
            connection.execute(
                f"create table marts.{table} as select * from (values {rows}) as t({columns})"
            )
        connection.execute(
            """create table marts.profile as select * from (values
            ('a', 'city', '2025-26', 'outcome', 'charged', 4, 4, 4, null::bigint),
            ('a', 'city', '2025-26', 'sex', 'F', 3, 4, 3, null),
            ('a', 'city', '2025-26', 'sex', 'not known', 1, 4, 3, null),
            ('a', 'ward', '2025-26', 'sex', 'Z', 1, 1, 1, null),
            ('b', 'city', '2025-26', 'sex', 'F', 2, 2, 2, 5),
            ('c', 'city', '2024-25', 'sex', 'M', 2, 2, 2, null)
            ) t(measure_id, area_type, strategy_year, dimension, profile_value, "count", base, known,
                denominator)"""
        )
        connection.execute(
            "alter table marts.profile add column period_type varchar default 'strategy_year';"
            + "".join(
                f"alter table marts.profile add column {name} {kind};"
                for kind, names in {
                    "double": "known_share share share_lower share_upper rate rate_lower rate_upper",
                    "varchar": "missing_reason",
                    "boolean": "is_provisional",
                }.items()
                for name in names.split()
            )
        )
        yield warehouse_tables.table(connection, "profiles", YEAR)


def test_a_published_dimension_has_every_value_of_the_feed_whether_it_occurred_or_not(profiles):
    own = profiles[profiles["measure_id"].eq("a")]
    assert list(zip(own["dimension"], own["profile_value"], own["count"], strict=True)) == [
        ("outcome", "charged", 4),
        ("sex", "F", 3),
        ("sex", "M", 0),
        ("sex", "not known", 1),
    ]
    none = own[own["profile_value"].eq("M")].iloc[0]
    assert (none["base"], none["known"], none["share"], none["share_lower"]) == (4, 3, 0, 0)
    assert none["share_upper"] == pytest.approx(0.5615, abs=1e-3)  # Wilson's, none of three


def test_a_share_has_no_base_where_a_value_did_not_occur_and_other_measures_are_not_listed(
    profiles,
):
    assert set(profiles["measure_id"]) == {"a", "b"}
    of_share = profiles[profiles["measure_id"].eq("b")].set_index("profile_value")
    assert of_share["denominator"].to_dict() == {"F": 5, "M": 0, "not known": 0}
    assert of_share["rate"].isna().all()
