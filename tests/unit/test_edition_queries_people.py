"""What an edition says people asked for, beside its own year's record, and what the area is: by hand."""

import duckdb
import pandas as pd
import pytest

from orchestration.figures import warehouse_tables
from tests.support import strategy, thresholds

YEAR = warehouse_tables.year_of("2025-26")
ANSWERS = [
    # edition, strand, mode, question, answer, respondents, missing
    ("2026", "adult", "all", "rank_priorities", "better", 90, None),
    ("2026", "adult", "all", "rank_priorities", "worst", 80, None),
    ("2026", "adult", "all", "rank_priorities", "nothing", 70, None),
    ("2026", "adult", "all", "rank_priorities", "no_record", 70, None),
    ("2026", "adult", "all", "rank_priorities", "worse", 50, None),
    ("2026", "adult", "all", "rank_priorities", "higher", 40, None),
    ("2026", "adult", "all", "rank_priorities", "flat", 30, None),
    ("2026", "adult", "all", "rank_priorities", "unjudged", 20, None),
    ("2026", "adult", "all", "rank_priorities", "few", None, "base_too_small"),
    ("2026", "adult", "all", "support_flat", "yes", 75, None),
    ("2026", "adult", "all", "support_flat", "no", 25, None),
    ("2026", "adult", "all", "supporter", "yes", 66, None),
    ("2026", "school", "all", "rank_priorities", "worse", 99, None),
    ("2026", "school", "all", "support_worse", "yes", 99, None),
    ("2026", "adult", "online", "rank_priorities", "worse", 99, None),
    ("2020", "adult", "all", "rank_priorities", "worse", 99, None),
    ("2027", "adult", "all", "rank_priorities", "worse", 99, None),
]
CHANGES = [
    # priority, year, headline, count, change %, more than chance, finding, verdict
    ("worst", "2025-26", True, 10, 20.0, True, "more", "worse"),
    ("worst", "2024-25", True, 10, -90.0, True, "fewer", "better"),
    ("worst", "2025-26", False, 10, -90.0, True, "fewer", "better"),
    ("worse", "2025-26", True, 10, 10.0, True, "more", "worse"),
    ("higher", "2025-26", True, 10, 5.0, True, "higher", "neither"),
    ("nothing", "2025-26", True, 10, None, True, "more", "neither"),
    ("flat", "2025-26", True, 10, 5.0, False, "no clear change", "neither"),
    ("unjudged", "2025-26", True, 10, None, None, "cannot be judged", "neither"),
    ("better", "2025-26", True, 10, -30.0, True, "fewer", "better"),
    ("few", "2025-26", True, 10, None, True, "fewer", "neither"),
    ("no_record", "2025-26", True, None, None, None, "cannot be judged", "neither"),
]


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        thresholds.publish(made)
        strategy.publish(made)
        made.execute(
            "create table marts.consultation_answer (edition varchar, strand varchar, mode varchar,"
            " question_id varchar, answer_code varchar, respondents integer, missing_reason varchar)"
        )
        made.executemany(
            "insert into marts.consultation_answer values (?, ?, ?, ?, ?, ?, ?)", ANSWERS
        )
        made.execute(
            "alter table marts.consultation_answer add column base integer default 100;"
            "alter table marts.consultation_answer add column first_choices integer default 3;"
            "alter table marts.consultation_answer add column question_text varchar default 'Text';"
            "alter table marts.consultation_answer add column answer_label varchar default 'Label';"
            "alter table marts.consultation_answer add column share_of_respondents double;"
            "update marts.consultation_answer set share_of_respondents = respondents / 100"
        )
        yield made


def test_an_edition_looks_at_its_own_year_and_its_newest_consultation(connection):
    """Two got worse, two rose without being bad (one of them from nothing, so without a percentage), two
    share what is no clear change, and two fell. Two places apart is agreement, beyond the ranks shared.
    """
    connection.execute(
        "create table marts.priority_change (priority_id varchar, strategy_year varchar,"
        ' is_headline boolean, "count" bigint, change_percent double, change_is_significant boolean,'
        " finding varchar, verdict varchar, measure_id varchar default 'm',"
        " period_type varchar default 'strategy_year')"
    )
    connection.executemany(
        "insert into marts.priority_change values (?, ?, ?, ?, ?, ?, ?, ?, 'm', 'strategy_year')",
        CHANGES,
    )
    connection.execute(
        "create table marts.dim_priority as select distinct priority_id, upper(priority_id) as"
        " priority_name from marts.priority_change"
    )
    found = warehouse_tables.table(connection, "perception", YEAR).set_index("priority_id")
    assert sorted(found.index) == found.index.tolist()
    ranks = found[["public_rank", "record_rank"]].astype(object).where(found.notna(), None)
    assert {key: tuple(row) for key, row in ranks.iterrows()} == {
        "better": (1, 7), "worst": (2, 1), "nothing": (3, 4), "no_record": (3, None), "worse": (5, 2),
        "higher": (6, 3), "flat": (7, 5), "unjudged": (8, 5), "few": (None, 8),
    }  # fmt: skip
    assert found.agreement.to_dict() == {
        "better": "people put it higher than the record",
        "worst": "agree",
        "nothing": "agree",
        "no_record": "cannot be compared",
        "worse": "the record puts it higher than people",
        "higher": "the record puts it higher than people",
        "flat": "agree",
        "unjudged": "agree",
        "few": "cannot be compared",
    }
    assert found.consultation_edition.unique().tolist() == ["2026"]
    support = found.share_of_respondents_in_support.dropna()
    assert support.to_dict() == {"flat": 0.75}
    assert found.named_among_three.dropna().astype(int).to_dict()["worst"] == 80


@pytest.mark.parametrize(
    ("public", "record", "agreement"),
    [
        (1, 3, "agree"),
        (1, 4, "people put it higher than the record"),
        (3, 1, "agree"),
        (4, 1, "the record puts it higher than people"),
    ],
)
def test_two_places_apart_is_agreement_and_three_are_not(connection, public, record, agreement):
    """Five priorities with ranks of their own; `it` stands at the two given ones."""
    others = ["a", "b", "c", "d"]
    asked, known = others.copy(), others.copy()
    asked.insert(public - 1, "it")
    known.insert(record - 1, "it")
    connection.execute("delete from marts.consultation_answer")
    connection.executemany(
        "insert into marts.consultation_answer by name select '2026' as edition, 'adult' as strand,"
        " 'all' as mode, 'rank_priorities' as question_id, ? as answer_code, ? as respondents",
        [[name, 90 - place] for place, name in enumerate(asked)],
    )
    connection.execute(
        "create table marts.priority_change as select ''::varchar as priority_id, '2025-26' as"
        ' strategy_year, true as is_headline, 10 as "count", 0.0::double as change_percent, true as'
        " change_is_significant, 'more' as finding, 'worse' as verdict, 'm' as measure_id,"
        " 'strategy_year' as period_type limit 0"
    )
    connection.executemany(
        "insert into marts.priority_change"
        " values (?, '2025-26', true, 10, ?, true, 'more', 'worse', 'm', 'strategy_year')",
        [[name, 50.0 - place] for place, name in enumerate(known)],
    )
    connection.execute(
        "create table marts.dim_priority as select priority_id, priority_id as priority_name"
        " from marts.priority_change"
    )
    found = (
        warehouse_tables.table(connection, "perception", YEAR).set_index("priority_id").loc["it"]
    )
    assert (found.public_rank, found.record_rank, found.agreement) == (public, record, agreement)


def test_answers_are_of_the_newest_consultation_by_the_years_end_in_all_ways_of_answering(
    connection,
):
    found = warehouse_tables.table(connection, "consultation", YEAR)
    assert set(found.edition) == {"2026"}
    assert found.respondents.eq(99).sum() == 2  # of school children, not of one way of answering
    ranked = found[(found.strand == "adult") & (found.question_id == "rank_priorities")]
    assert ranked.answer_code.tolist() == [
        "better", "worst", "no_record", "nothing", "worse", "higher", "flat", "unjudged", "few",
    ]  # fmt: skip


def profile(connection, *deciles):
    connection.execute(
        "create or replace table marts.dim_area as select * from (values ('city', 60000, 2024, null),"
        " ('ward', 30000, 2023, 'ward of May 2023, as of 2024'),"
        " ('ward', 30000, 2023, 'ward of May 2023, as of 2024'), ('lsoa', 1, 2023, '2021'))"
        " t(area_type, residents, residents_year, vintage)"
    )
    connection.execute(
        "create or replace table marts.area_deprivation (imd_decile integer, crime_decile integer)"
    )
    connection.executemany(
        "insert into marts.area_deprivation values (?, ?)", [list(d) for d in deciles]
    )
    found = warehouse_tables.table(connection, "area_profile", YEAR)
    assert found.sort_order.tolist() == [1, 2, 3, 4, 5]
    assert found.unit.tolist()[:2] == ["usual residents, mid-2024", "wards of May 2023"]
    return [None if pd.isna(value) else value for value in found.value]


def test_the_area_is_described_by_what_is_known_of_it(connection):
    assert profile(connection, (1, 2), (1, 1), (2, 1), (9, 1)) == ["60000", "2", "4", "2", "3"]
    assert profile(connection, (2, 2)) == ["60000", "2", "1", "0", "0"]
    assert profile(connection, (None, None)) == ["60000", "2", "1", None, None]


def test_tables_of_one_year_take_that_year_alone(connection):
    for table, key in (
        ("marts.harm", "offence_group"),
        ("governance.external_reconciliation", "offence_group"),
        ("marts.peer_comparison", "area_code"),
    ):
        connection.execute(
            f"create table {table} as select unnest(['a', 'b', 'c', 'd']) as {key},"
            " unnest(['2025-26', '2025-26', '2024-25', '2025-26']) as strategy_year,"
            " unnest(['city', 'city', 'city', 'ward']) as area_type,"
            " unnest(['strategy_year', 'strategy_year', 'strategy_year', 'month']) as period_type,"
            " unnest([1, 2, 3, 4]) as harm, 'Weights' as harm_scheme, false as is_proactive,"
            " 0.5 as share_of_harm, 1 as our_count, 1 as their_count, 0 as difference,"
            " 0.0 as difference_percent, 'agrees' as state, 'asb' as measure_id, 'peers' as peer_group,"
            " 'Name' as area_name, false as is_own_area, 1 as \"count\", 1 as denominator, 1.0 as rate,"
            " 1.0 as rate_lower, 1.0 as rate_upper, unnest([2, 1, 3, 4]) as rank_in_group"
        )
    assert warehouse_tables.table(connection, "harm", YEAR).offence_group.tolist() == ["b", "a"]
    assert warehouse_tables.table(connection, "external", YEAR).offence_group.tolist() == [
        "a",
        "b",
        "d",
    ]
    assert warehouse_tables.table(connection, "peers", YEAR).area_code.tolist() == ["b", "a"]


def test_concentration_goes_from_the_baseline_to_the_year(connection):
    connection.execute(
        "create table marts.concentration as select 'asb' as measure_id, unnest(['2026-27', '2025-26',"
        " '2023-24', '2022-23']) as strategy_year, 'strategy_year' as period_type,"
        ' 1 as "count", 1 as lsoas, 1 as top_lsoas,'
        " 0.5 as share_in_top_tenth, 1 as lsoas_with_half, 1 as persistent_lsoas, 0.5 as persistence"
    )
    found = warehouse_tables.table(connection, "concentration", YEAR)
    assert found.strategy_year.tolist() == ["2023-24", "2025-26"]
