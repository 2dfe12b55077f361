"""The models that decide which measures are held, over small tables: no build, no dbt."""

import re
from datetime import date

import duckdb

from orchestration.core import formulas
from orchestration.core.settings import PROJECT

MODELS = PROJECT / "dbt_project" / "models" / "intermediate"
AREA, FEED = "E06000021", "police/stop_and_search"
TABLES = """
create table measure_register (measure_id varchar, method varchar, source_feed varchar,
    definition_version integer, periodicity varchar);
create table int_measure_figure (measure_id varchar, area_type varchar, area_code varchar,
    period_type varchar, period_start date, period_end date, missing_reason varchar,
    event_count double, people double, rate double);
create table int_series_break (measure_id varchar, break_on date);
create table run (area_code varchar, is_synthetic boolean);
create table feeds (feed varchar, expected_part varchar);
create table deliveries (feed varchar, part varchar, delivery_id varchar, first_month varchar,
    row_count bigint, received_at timestamp, is_current boolean);
create table published_figures (measure_id varchar, area_type varchar, area_code varchar,
    period_type varchar, period_start date, missing_reason varchar, "count" bigint,
    denominator bigint, rate double, definition_version integer, is_synthetic boolean);
create table published_holds (measure_id varchar, held_since date, figures_of_deliveries varchar[]);
create table published_deliveries (feed varchar, delivery_id varchar);
create table releases (measure_id varchar, delivery_id varchar);
create table night (today date);
"""


def _rendered(model):
    """A model's query with its references as plain names; the one macro that it calls is written out."""
    text = (MODELS / f"{model}.sql").read_text(encoding="utf-8")
    text = re.sub(r'\{\{\s*(?:ref|source)\((?:"manifest",\s*)?"(\w+)"\)\s*\}\}', r"\1", text)
    month = r"cast(try_strptime(\1 || '-01', '%Y-%m-%d') as date)"
    return re.sub(r'\{\{\s*month_start\("([\w.]+)"\)\s*\}\}', month, text)


class Night:
    """24 months of one measure (stop_and_searches, about 200 a month of 300 rows), published as computed.

    `spoil` changes a table in SQL; `judged` is what the models then say.
    """

    def __init__(self):
        self.connection = duckdb.connect()
        thresholds = PROJECT / "seeds" / "register" / formulas.SEED
        formulas.define(self.connection, formulas.read_thresholds(thresholds))
        self.connection.execute(TABLES)
        self.connection.execute(
            f"""
            insert into measure_register values ('searches', 'count', '{FEED}', 1, 'month');
            insert into run values ('{AREA}', true);
            insert into feeds values ('{FEED}', 'here');
            insert into night values ('2026-11-29');
            create table months as
                select n, cast(date '2024-01-01' + to_months(n) as date) as starts
                from range(24) as m(n);
            insert into int_measure_figure
                select 'searches', area_type, area_code, 'month', starts, last_day(starts), null,
                    case area_type when 'unplaced' then 20 else 200 + (n * 7) % 11 end, null, null
                from months, (values ('city', '{AREA}'), ('ward', 'W1'), ('unplaced', 'OUTSIDE_AREA'))
                    as areas(area_type, area_code);
            insert into deliveries
                select '{FEED}', 'here', strftime(starts, '%Y-%m') || '/001-0123456789ab',
                    strftime(starts, '%Y-%m'), 300, starts + interval 40 day, true
                from months;
            insert into published_figures
                select measure_id, area_type, area_code, period_type, period_start, missing_reason,
                    event_count, people, rate, 1, true
                from int_measure_figure;
            insert into published_deliveries select feed, delivery_id from deliveries;
            """
        )

    def spoil(self, *statements):
        for statement in statements:
            self.connection.execute(statement)
        return self

    def collapse(self, since="2024-01-01"):
        """Every row of the city goes to the line of those without a place."""
        return self.spoil(
            f"update int_measure_figure set event_count = case area_type when 'unplaced' then 220 "
            f"else 0 end where period_start >= '{since}'"
        )

    def newest_month_is_new(self):
        """The newest month was not published yet."""
        return self.spoil(
            "delete from published_figures where period_start = '2025-12-01'",
            "delete from published_deliveries where delivery_id like '2025-12%'",
        )

    def judged(self):
        """State, reason, quantity, periods, delivery, since when, and whether figures are kept."""
        for model in ("int_watched_figure", "int_held_measure"):
            self.connection.execute(f"create or replace table {model} as {_rendered(model)}")
        return self.connection.execute(
            "select state, reason, quantity, periods, delivery_id, held_since, keeps_figures "
            "from int_held_measure order by measure_id"
        ).fetchall()


TODAY = date(2026, 11, 29)
NEWEST = "2025-12/001-0123456789ab"
