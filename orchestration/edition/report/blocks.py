"""The blocks of a section. A template prints each kind; figures and tables are in `book`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

from orchestration.edition.report.book import Figure, Table


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    kind: ClassVar[str] = "heading"
    title: str
    level: int = 3


@dataclass(frozen=True)
class Words:
    """Paragraphs; a lead stands out at the top of a section."""

    kind: ClassVar[str] = "words"
    paragraphs: Sequence[str]
    is_lead: bool = False


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    kind: ClassVar[str] = "items"
    entries: Sequence[str]


@dataclass(frozen=True)
class Terms:
    """Names with their meanings or contents."""

    kind: ClassVar[str] = "terms"
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Key:
    """One number of the strip at the top of a priority."""

    value: str
    label: str
    words: str = ""


@dataclass(frozen=True)
class Strip:
    """The numbers at the top of a priority."""

    kind: ClassVar[str] = "strip"
    keys: Sequence[Key]


@dataclass(frozen=True)
class Pair:
    """Two half-width figures or tables beside each other; below each other on a narrow screen."""

    kind: ClassVar[str] = "pair"
    halves: Sequence[Figure | Table]


@dataclass(frozen=True)
class Panel:
    """Sentences in a box, with a heading of its own."""

    kind: ClassVar[str] = "panel"
    title: str
    entries: Sequence[str]


@dataclass(frozen=True)
class Prose:
    """HTML that has already been sanitised: the analyst's commentary."""

    kind: ClassVar[str] = "prose"
    html: Markup


Block = Heading | Words | Items | Terms | Strip | Pair | Panel | Prose | Figure | Table


@dataclass
class Section:
    """A section of the page: its id, title and blocks, and whether it begins a printed page."""

    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)
    short: str = ""
    is_priority: bool = False
    begins_page: bool = False

    def add(self, *blocks: Block | None) -> None:
        """Append the blocks that are not None."""
        self.blocks += [block for block in blocks if block is not None]

    def say(self, *sentences: str) -> None:
        """Append a paragraph of the sentences that are not empty."""
        paragraph = " ".join(sentence for sentence in sentences if sentence)
        if paragraph:
            self.blocks.append(Words([paragraph]))

    def head(self, title: str, *blocks: Block | None) -> None:
        """Append a heading and its blocks; no heading without a block."""
        there = [block for block in blocks if block is not None]
        if there:
            self.blocks += [Heading(title), *there]


def sentences(lines: Iterable[str]) -> Words | None:
    """One paragraph of the sentences that are not empty, or None."""
    joined = " ".join(sentence for sentence in lines if sentence)
    return Words([joined]) if joined else None
