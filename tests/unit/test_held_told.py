"""Proves what the candidate is compared with, which waivers release, and who is told of a held measure."""

import json

import duckdb
import pytest

from orchestration.alerts import publication_items
from orchestration.cli import summary
from orchestration.core.settings import from_environment
from orchestration.quality import held
from orchestration.transform import manifest

SCOPE = "stop_and_searches/2026-03.staffordshire/001-0123456789ab"
SENTENCE = "Stop and searches (stop_and_searches) is held since 1 November 2026: its figure fell to nothing"
HELD = {
    "measure_id": "stop_and_searches",
    "state": "held",
    "scope": SCOPE,
    "feed": "police/stop_and_search",
    "sentence": SENTENCE,
}
WAIVER = """\
  - check: {check}
    scope: {scope}
    reason: The force stopped searching in that month and told us so.
    approver: Chair of the Community Safety Partnership
    expires: {expires}
"""


@pytest.fixture
def settings(tmp_path):
    return from_environment({"CSP_HOME": str(tmp_path), "CSP_NOW": "2026-11-29T02:00:00+00:00"})


def publish(settings, tables, **facts):
    """A publication of a few Parquet files; each table is a query."""
    folder = settings.home / ".published" / "one"
    for name, query in tables.items():
        (folder / "parquet" / name).parent.mkdir(parents=True, exist_ok=True)
        duckdb.execute(f"copy ({query}) to '{folder}/parquet/{name}.parquet' (format parquet)")
    folder.mkdir(parents=True, exist_ok=True)
    text = {
        "files": {},
        "published_at": "x",
        "synthetic": True,
        "inputs": "x",
        "tables": {},
        **facts,
    }
    (folder / "manifest.json").write_text(json.dumps(text))
    settings.published.symlink_to(folder)


def written(settings, name):
    manifest.write(settings, {}, manifest.tables(settings, {}, []))
    path = settings.raw / manifest.FOLDER / f"{name}.parquet"
    return duckdb.sql(f"from read_parquet('{path}')")


def waive(settings, *waivers):
    settings.waivers.parent.mkdir(parents=True, exist_ok=True)
    settings.waivers.write_text("waivers:\n" + "".join(WAIVER.format(**one) for one in waivers))


def test_before_the_first_publication_there_is_nothing_to_compare_with(settings):
    found = written(settings, "published_figures")
    assert found.fetchall() == []
    assert {"measure_id", "count", "rate", "definition_version"} <= set(found.columns)
    assert written(settings, "published_holds").fetchall() == []


def test_a_held_measure_is_compared_with_the_figures_that_it_had_before(settings):
    publish(
        settings,
        {
            "marts/fct_measure": "select * from (values ('a', 1, null), ('b', 0, null), ('c', null, 'held'), "
            "('d', null, 'refused')) as t(measure_id, count, missing_reason)",
            "governance/held_figures": "select 'b' as measure_id, 7 as count",
            "governance/held_measures": "select 'b' as measure_id, date '2026-11-01' as held_since, "
            "'x/1 y/2' as figures_of_deliveries",
            "governance/deliveries": "select 'f' as feed, 'x/1' as delivery_id, true as is_current "
            "union all select 'f', 'x/0', false",
        },
    )
    figures = written(settings, "published_figures").select("measure_id, count, rate").order("all")
    # A column that an older release did not publish is null; a figure that is held is none.
    assert figures.fetchall() == [("a", 1, None), ("b", 7, None), ("d", None, None)]
    (hold,) = written(settings, "published_holds").fetchall()
    assert hold[0] == "b"
    assert hold[2] == ["x/1", "y/2"]
    assert written(settings, "published_deliveries").fetchall() == [("f", "x/1")]


def test_a_waiver_in_force_releases_and_makes_a_night_and_an_expired_one_does_not(settings):
    assert held.releases(settings) == []
    standing = {"check": held.CHECK, "scope": SCOPE, "expires": "2026-11-29"}
    waive(settings, standing, {"check": "cycle", "scope": "full/2024-25", "expires": "2026-12-31"})
    measure, delivery = SCOPE.split("/", 1)
    assert held.releases(settings) == [{"measure_id": measure, "delivery_id": delivery}]
    assert manifest.tables(settings, {}, [], held.releases(settings)) != manifest.tables(
        settings, {}, []
    )
    waive(settings, standing | {"expires": "2026-11-28"})
    assert held.releases(settings) == []


@pytest.mark.parametrize(
    "fault", [{"scope": "stop_and_searches"}, {"scope": "all"}, {"expires": "2028-01-01"}]
)
def test_a_waiver_that_is_too_broad_releases_nothing(settings, fault):
    waive(settings, {"check": held.CHECK, "scope": SCOPE, "expires": "2026-12-31"} | fault)
    assert held.releases(settings) == []


def test_status_and_digest_name_a_held_measure_and_how_it_is_released(settings):
    publish(settings, {}, held=[HELD])
    assert summary.facts(settings, {})["held"] == [HELD]
    text = summary.text(settings, {})
    assert f"  {SENTENCE}\n    release: csp waive held_measures --scope {SCOPE} " in text
    (item,) = publication_items.held_items(settings)
    assert (item.section, item.sentence) == ("held", f"{SENTENCE}.")
    assert item.partners == ("police",)
    assert item.is_standing


def test_a_publication_of_an_older_release_holds_nothing(settings):
    assert publication_items.held_items(settings) == []
    publish(settings, {})
    assert publication_items.held_items(settings) == []
    assert summary.facts(settings, {})["held"] == []
