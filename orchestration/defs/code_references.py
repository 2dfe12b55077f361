"""The files behind an asset: what it is made by, where it is described, and the pages that name it.

Dagster's pages offer to open each at its line, in the editor that the reader has chosen. The links are to
the checkout or installation that runs; no address is made up for it.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.core.settings import PROJECT

_PAGES = ("docs/*.md", "seeds/README.md")
_NAME = re.compile(r"\w+(?:[./]\w+)+")  # a table with its schema, a feed with its partner, a file


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    path: Path
    line: int = 1


@cache
def line_of(path: Path, pattern: str) -> Place:
    """The first line of a file in which a pattern is found; its first line where it is not."""
    found = re.search(pattern, _text_of(path), re.MULTILINE) if path.is_file() else None
    return Place(path, _text_of(path).count("\n", 0, found.start()) + 1 if found else 1)


def documentation(name: str) -> dict[str, Place]:
    """The pages of the documentation that name an asset as it is called there, each where it does first:
    `police/street_crime`, `marts.hot_spot`, `measure_register.csv`."""
    return _named_in_pages().get(name, {})


def metadata(files: Mapping[str, Place], pages: Mapping[str, Place]) -> dict[str, Any]:
    """Links to files, by what they are, and to pages; those that are not there are left out.

    Each is a code reference, which can be opened, and a path from the top of the project, which can be read
    and is the same everywhere.
    """
    there = {label: place for label, place in files.items() if place.path.is_file()}
    told = {label: place.path for label, place in there.items()}
    told |= {f"documentation ({Path(page).stem})": place.path for page, place in pages.items()}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", dg.BetaWarning
        )  # of Dagster's classes; the version is pinned
        found = [
            dg.LocalFileCodeReference(
                file_path=str(place.path.resolve()), line_number=place.line, label=label
            )
            for label, place in (there | dict(pages)).items()
        ]
        return {
            "dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[*found]),
            **{label: dg.MetadataValue.path(_from_the_top(path)) for label, path in told.items()},
        }


@cache
def _named_in_pages() -> dict[str, dict[str, Place]]:
    """What may be a name, with the pages that it is in. Read once: there are hundreds of assets."""
    found: dict[str, dict[str, Place]] = {}
    for path in sorted(path for pattern in _PAGES for path in PROJECT.glob(pattern)):
        page = path.relative_to(PROJECT).as_posix()
        for number, line in enumerate(_text_of(path).splitlines(), start=1):
            for word in _NAME.findall(line):
                found.setdefault(word, {}).setdefault(page, Place(path, number))
    return found


def _from_the_top(path: Path) -> str:
    return path.resolve().relative_to(PROJECT.resolve()).as_posix()


@cache
def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")
