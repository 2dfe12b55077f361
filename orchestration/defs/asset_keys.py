"""The only place that spells an asset key. Dagster takes a mistyped key in silence.

Seen with 1.13.27: a gate hung on a mistyped key was skipped, the release ran, and the run was green.
"""

from __future__ import annotations

from dagster import AssetKey

from orchestration.transform.manifest import FOLDER

LANDING = AssetKey(["landing", "deliveries"])
PUBLISHED = AssetKey(["published", "warehouse"])
ASSESSMENT_CANDIDATE = AssetKey(["assessment", "assessment_candidate"])
ASSESSMENT_VERDICT = AssetKey(["assessment", "assessment_verdict"])
STRATEGIC_ASSESSMENT = AssetKey(["assessment", "strategic_assessment"])
MANIFEST_SOURCE = FOLDER.lstrip("_")
MANIFEST = {
    name: AssetKey([MANIFEST_SOURCE, name])
    for name in ("feeds", "deliveries", "gate_results", "run")
}


def feed_key(feed: str) -> AssetKey:
    """The asset of a feed's raw extracts; the same key that dbt's source has."""
    return AssetKey(feed.split("/"))


def table_key(schema: str, table: str) -> AssetKey:
    """The asset of a dbt model or seed: its schema and name."""
    return AssetKey([schema, table])
