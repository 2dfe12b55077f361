"""The only place that spells an asset key. Dagster silently accepts a mistyped key.

Seen with 1.13.27: a gate attached to a mistyped key was skipped, the release ran, and the run succeeded.
"""

from __future__ import annotations

from collections.abc import Iterable

from dagster import AssetCheckKey, AssetKey

from orchestration.transform.manifest import FILES, SOURCE

LANDING = AssetKey(["landing", "deliveries"])
PUBLISHED = AssetKey(["published", "warehouse"])
ASSESSMENT_CANDIDATE = AssetKey(["assessment", "assessment_candidate"])
ASSESSMENT_VERDICT = AssetKey(["assessment", "assessment_verdict"])
STRATEGIC_ASSESSMENT = AssetKey(["assessment", "strategic_assessment"])
MANIFEST = {name: AssetKey([SOURCE, name]) for name in FILES}


def feed_key(feed: str) -> AssetKey:
    """The asset key of a feed's raw extracts, which is that of dbt's source."""
    return AssetKey(feed.split("/"))


def table_key(schema: str, table: str) -> AssetKey:
    """The asset key of a dbt model or seed: its schema and name."""
    return AssetKey([schema, table])


def feeds_of(checks: Iterable[AssetCheckKey], feeds: Iterable[str]) -> list[str]:
    """The feeds that any of the checks is on, in their own order."""
    on = {check.asset_key for check in checks}
    return [feed for feed in feeds if feed_key(feed) in on]
