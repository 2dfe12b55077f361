"""The synthetic city is alive in one rhythm: its events, volumes and draws."""

import re

import pytest

from orchestration.contracts.odcs import load_contracts
from orchestration.core.settings import PROJECT
from orchestration.synthetic import engine
from orchestration.synthetic.reference import FEEDS as REFERENCE
from tests.conftest import settings_at

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
OWN = [feed for feed in CONTRACTS if feed not in REFERENCE]
FIRE_FEED, STREET_FEED = "fire/incidents", "police/street_crime"
SEED = 2024


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with engine.open_city(settings_at(tmp_path_factory.mktemp("home")), SEED) as connection:
        yield connection


def counted(city, feed, month, where="true"):
    """Rows of a feed's month that meet `where`."""
    contract = CONTRACTS[feed]
    engine.ask(city, contract, month, SEED)
    sql = (PROJECT / f"expectations/feeds/{feed}.sample.sql").read_text(encoding="utf-8")
    return city.sql(f"select count(*) from (\n{sql}\n) where {where}").fetchone()[0]


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_bonfire_night_is_in_every_partners_figures(city, year):
    deliberate = "incident_type like 'deliberate%'"
    nights = f"call_time between '{year}-11-02' and '{year}-11-07'"
    november = counted(city, FIRE_FEED, f"{year}-11", deliberate)
    assert counted(city, FIRE_FEED, f"{year}-11", f"{deliberate} and {nights}") > november / 3
    around = [counted(city, FIRE_FEED, f"{year}-{month}", deliberate) for month in (10, 12)]
    assert november > 1.3 * sum(around) / 2
    disorder = "crime_type in ('Anti-social behaviour', 'Criminal damage and arson')"
    months = {m: counted(city, STREET_FEED, f"{year}-{m}", disorder) for m in (10, 11, 12)}
    assert months[11] > 1.05 * (months[10] + months[12]) / 2


def test_street_crime_has_believable_volumes(city):
    total = counted(city, STREET_FEED, "2025-05")
    assert 3000 < total < 4500
    assert 0.02 < counted(city, STREET_FEED, "2025-05", "lsoa_code is null") / total < 0.04
    outside = counted(city, STREET_FEED, "2025-05", "lsoa_code = 'E01099999'")
    assert 0.045 < outside / total < 0.075
    busiest = city.sql(
        "select max(held) from (select count(*) as held from draw('x', 3000, 'violence') "
        "group by lsoa_2021_code)"
    ).fetchone()[0]
    assert busiest > 5 * 3000 / 163


def test_draws_are_even_and_independent(city):
    engine.ask(city, CONTRACTS[FIRE_FEED], "2025-05", SEED)
    names = [f"u{number}" for number in range(1, 9)]
    pairs = [(one, two) for one in names for two in names if one < two]
    city.execute("create or replace temp table event as from draw('x', 9000, 'plain')")
    for one, two in pairs:
        assert abs(city.sql(f"select corr({one}, {two}) from event").fetchone()[0]) < 0.05
    for name in names:
        mean, least, most = city.sql(
            f"select avg({name}), min({name}), max({name}) from event"
        ).fetchone()
        assert abs(mean - 0.5) < 0.02 and least >= 0 and most < 1
    apart = city.sql(
        "select corr(a.u1, b.u1) from event as a join draw('y', 9000, 'plain') as b using (n)"
    ).fetchone()[0]
    assert abs(apart) < 0.05


@pytest.mark.parametrize("mean", [0, 0.3, 1, 2.5, 9, 40])
def test_chance_is_about_its_mean(city, mean):
    found, spread = city.sql(
        f"select avg(c), var_pop(c) from (select chance({mean}, u(range, 'x')) as c from range(20000))"
    ).fetchone()
    assert found == pytest.approx(mean, rel=0.05)
    assert spread == pytest.approx(mean, rel=0.1)


def test_the_small_macros(city):
    engine.ask(city, CONTRACTS[FIRE_FEED], "2025-05", SEED)
    assert city.sql("select weighted(['a', 'b', 'c'], [1, 0, 3], 0.2)").fetchone() == ("a",)
    assert city.sql("select weighted(['a', 'b', 'c'], [1, 0, 3], 0.25)").fetchone() == ("c",)
    assert city.sql("select pick(['a', 'b'], 0.999), pick(['a', 'b'], 0)").fetchone() == ("b", "a")
    references = city.sql("select distinct ref('x', range) from range(5000)").fetchall()
    assert len(references) == 5000
    assert all(re.fullmatch("SYN-[A-Z]{16}", reference) for (reference,) in references)
    expected, drawn = city.sql(
        "select expected(900, 'fire'), (select count(*) from draw('x', 900, 'fire'))"
    ).fetchone()
    assert drawn == pytest.approx(expected, rel=0.1)
    assert city.sql("select always_u(1, 'x') = always_u('1', 'x')").fetchone() == (True,)
