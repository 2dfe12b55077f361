"""Proves which measures are held: what history and rows contradict, and nothing that they explain."""

from datetime import date

import pytest

from tests.support.watched import FEED, NEWEST, TODAY, Night


def of(*, reason, periods, state="held", quantity="city", keeps=True, delivery=NEWEST, since=TODAY):
    return [(state, reason, quantity, periods, delivery, since, keeps)]


def test_a_night_that_changes_nothing_holds_nothing_and_judges_nothing():
    night = Night()
    assert night.judged() == []
    assert night.connection.execute("from int_watched_figure").fetchall() == []


def test_boundaries_that_place_nothing_are_held_in_every_period():
    assert Night().collapse().judged() == of(reason="collapsed", periods=24)


def test_one_new_month_that_falls_to_nothing_is_held():
    night = Night().newest_month_is_new().collapse("2025-12-01")
    assert night.judged() == of(reason="collapsed", periods=1)


def test_a_fall_is_believed_where_the_rows_fell_as_well():
    night = Night().newest_month_is_new().collapse("2025-12-01")
    night.spoil("update deliveries set row_count = 4 where first_month = '2025-12'")
    assert night.judged() == []


def test_a_month_that_was_not_delivered_is_missing_and_not_held():
    night = Night().spoil(
        "update int_measure_figure set event_count = null, missing_reason = 'not_supplied' "
        "where period_start = '2025-06-01'"
    )
    assert night.judged() == []


@pytest.mark.parametrize(
    ("value", "rows", "expected"),
    [
        (500, 300, of(reason="jumped", periods=1)),
        (60, 300, of(reason="jumped", periods=1)),
        (500, 750, []),  # the rows rose as well
        (60, 90, []),  # the rows fell as well
        (260, 300, []),  # unusual, and less than twice its highest
        (150, 300, []),
    ],
)
def test_a_jump_is_held_unless_the_rows_jumped_too(value, rows, expected):
    night = Night().newest_month_is_new()
    night.spoil(
        f"update int_measure_figure set event_count = {value} "
        "where period_start = '2025-12-01' and area_type <> 'unplaced'",
        f"update deliveries set row_count = {rows} where first_month = '2025-12'",
    )
    assert night.judged() == expected


def test_a_small_or_short_series_is_not_judged_by_its_history():
    small = Night().newest_month_is_new()
    small.spoil(
        "update int_measure_figure set event_count = 3 + event_count % 4",
        "update published_figures set \"count\" = 3 + \"count\" % 4",
    ).collapse("2025-12-01")  # fmt: skip
    assert small.judged() == []
    short = Night().newest_month_is_new()
    short.spoil(
        "delete from int_measure_figure where period_start < '2025-06-01'",
        "delete from published_figures where period_start < '2025-06-01'",
    ).collapse("2025-12-01")
    assert short.judged() == []


def test_a_registered_break_begins_a_new_history():
    night = Night().newest_month_is_new().collapse("2025-12-01")
    night.spoil("insert into int_series_break values ('searches', '2025-12-01')")
    assert night.judged() == []


@pytest.mark.parametrize(("by", "expected"), [(0.85, 1), (0.92, 0)])
def test_a_past_figure_that_changes_without_a_delivery_is_held(by, expected):
    night = Night().spoil(
        f"update int_measure_figure set event_count = round(event_count * {by}) "
        "where period_start = '2024-03-01'"
    )
    assert night.judged() == (
        of(reason="changed_without_delivery", periods=1, delivery="2024-03/001-0123456789ab")
        if expected
        else []
    )


def test_a_correction_of_the_period_may_change_it():
    changed = (
        "update int_measure_figure set event_count = round(event_count * 0.8) "
        "where period_start = '2024-03-01'"
    )
    again = Night().spoil(
        changed,
        "update deliveries set delivery_id = '2024-03/002-ba9876543210' where first_month = '2024-03'",
        f"insert into deliveries values ('{FEED}', 'here', '2024-03/001-0123456789ab', '2024-03', 300, "
        "'2024-05-10', false)",
    )
    assert again.judged() == []
    other = Night().spoil(
        changed,
        "update deliveries set delivery_id = '2025-12/002-ba9876543210' where first_month = '2025-12'",
    )
    assert [row[1] for row in other.judged()] == ["changed_without_delivery"]


def test_a_new_version_of_the_definition_may_change_the_past():
    night = Night().spoil(
        "update int_measure_figure set event_count = round(event_count * 0.8)",
        "update measure_register set definition_version = 2",
    )
    assert night.judged() == []


def test_wards_that_lose_their_rows_while_the_city_keeps_them_are_held():
    night = Night().spoil("update int_measure_figure set event_count = 0 where area_type = 'ward'")
    assert night.judged() == of(reason="collapsed", quantity="wards", periods=24)


def test_a_base_that_goes_away_is_held():
    night = Night()
    night.spoil(
        "update measure_register set method = 'proportion'",
        "update published_figures set denominator = 250 where area_type = 'city'",
        "update int_measure_figure set people = 0 where area_type = 'city'",
    )
    assert night.judged() == of(reason="collapsed", quantity="base", periods=24)


def test_a_published_value_that_its_edition_lost_or_changed_by_itself_is_held():
    night = Night()
    night.spoil(
        "update measure_register set method = 'published', periodicity = 'published'",
        "update published_figures set rate = 12.5",
        "update int_measure_figure set rate = null, missing_reason = 'not_published' "
        "where period_start = '2024-03-01'",
        "update int_measure_figure set rate = 12.5 where period_start <> '2024-03-01'",
    )
    assert night.judged() == of(
        reason="changed_without_delivery", quantity="rate", periods=1,
        delivery="2024-03/001-0123456789ab",
    )  # fmt: skip
    night.spoil("update deliveries set first_month = null, delivery_id = delivery_id || 'x'")
    assert night.judged() == []  # a new edition says it


def test_before_the_first_publication_a_measure_is_held_against_its_own_history():
    first = ("delete from published_figures", "delete from published_deliveries")
    assert Night().spoil(*first).judged() == []
    fallen = Night().spoil(*first).collapse("2025-12-01")
    assert fallen.judged() == of(reason="collapsed", periods=1, keeps=False)
    peak = "update int_measure_figure set event_count = 900 where period_start = '2024-08-01'"
    assert Night().spoil(*first, peak).judged() == []  # no figures to keep: a peak is history
    nowhere = Night().spoil(*first).collapse()
    assert nowhere.judged() == of(reason="placed_nowhere", periods=24, keeps=False)


def test_figures_of_another_area_or_of_another_kind_are_no_history():
    for other in ("update run set is_synthetic = false", "update run set area_code = 'E06000001'"):
        night = Night().collapse().spoil(other)
        assert [(row[1], row[-1]) for row in night.judged()] == [("placed_nowhere", False)]


def test_a_waiver_releases_its_measure_for_its_delivery_only():
    waived = Night().collapse().spoil(f"insert into releases values ('searches', '{NEWEST}')")
    # What history contradicts keeps its former figures, to be held again when the waiver ends.
    assert waived.judged() == of(state="waived", reason="collapsed", periods=24)
    for scope in ("'searches', '2025-11/001-0123456789ab'", f"'arrests', '{NEWEST}'"):
        other = Night().collapse().spoil(f"insert into releases values ({scope})")
        assert other.judged() == of(reason="collapsed", periods=24)


def test_a_change_that_was_accepted_is_what_is_published_from_then_on():
    night = Night().spoil(
        "update int_measure_figure set event_count = round(event_count * 0.8)",
        f"insert into releases values ('searches', '{NEWEST}')",
    )
    assert night.judged() == of(
        state="waived", reason="changed_without_delivery", periods=24, keeps=False
    )


def test_a_measure_stays_held_since_the_first_night_whatever_was_delivered_meanwhile():
    night = Night().spoil(
        "update int_measure_figure set event_count = round(event_count * 0.8)",
        "insert into published_holds select 'searches', '2026-11-01', list(delivery_id) "
        "from published_deliveries where delivery_id not like '2025-12%'",
    )
    # December came while the measure was held: it may differ, and so may what is counted from it.
    assert night.judged() == of(
        reason="changed_without_delivery", periods=23, since=date(2026, 11, 1),
        delivery="2025-11/001-0123456789ab",
    )  # fmt: skip
