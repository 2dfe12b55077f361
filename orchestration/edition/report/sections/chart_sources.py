"""The source line below a chart."""

from __future__ import annotations

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text


def source(edition: Edition, measure: str) -> str:
    """The feed that a measure is counted from, and the day of the newest delivery."""
    method = rows.first(rows.where(rows.table(edition, "methods"), measure_id=measure))
    feed = method.get("source_feed") if method else None
    titles = rows.first(rows.where(rows.table(edition, "quality"), feed=feed))
    title = titles.get("title") if titles else None
    as_at = f"data as at {text.day(edition.data_as_at)}"
    return (
        f"Source: {title}, {as_at}."
        if title
        else f"Source: the partnership’s data warehouse, {as_at}."
    )
