"""Filling the templates: undefined names raise an error, everything is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import text

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(template: str, edition: Edition, **values: Any) -> str:
    """The page that a template renders from an edition and a view's values."""
    sheets = [
        (_TEMPLATES / f"{name}.css").read_text(encoding="utf-8") for name in ("screen", "print")
    ]
    css = Markup("\n".join(sheets))  # noqa: S704 (files of our own)
    return (
        _environment()
        .get_template(template)
        .render(
            css=css,
            area=edition.area_name,
            marking=edition.variant.upper(),
            is_draft=edition.is_draft,
            is_synthetic=edition.is_synthetic,
            year=text.label(edition.year.label),
            version=edition.version,
            as_at=text.day(edition.data_as_at),
            **values,
        )
    )
