"""The marking of every file of an edition: its owner, year and handling."""

from __future__ import annotations

from orchestration.core.marking import SYNTHETIC
from orchestration.edition.figures.contents import Edition

DRAFT = "DRAFT: not issued, not approved"


def marks(edition: Edition) -> list[str]:
    """The marks that every page, sheet and file carries, the protective marking first."""
    return [
        edition.variant.upper(),
        *([DRAFT] if edition.is_draft else []),
        *([SYNTHETIC] if edition.is_synthetic else []),
    ]


def label(edition: Edition) -> str:
    """The marks as one line."""
    return ". ".join(marks(edition))


def data_title(edition: Edition) -> str:
    """The title of the data tables: what, where, when, and the marks that must stay with them."""
    short = [
        word
        for word, on in (("SYNTHETIC", edition.is_synthetic), ("DRAFT", edition.is_draft))
        if on
    ]
    return " ".join(
        [*short, f"{edition.area_name} strategic assessment {edition.year.label}: data tables"]
    )
