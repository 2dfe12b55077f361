"""The analyst's commentary: markdown converted to HTML without raw markup, pictures or scripts."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

_LOWEST, _HIGHEST = 6, 4  # headings of a commentary rank below the h3 above it


def render(markdown: str) -> Markup | None:
    """The HTML of a commentary, or None if it is empty. Headings start at h4 and skip no level.

    HTML in the markdown is printed as text. Pictures are not rendered: the page fetches nothing.
    """
    if not markdown.strip():
        return None
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = parser.parse(markdown)
    heads = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    used = sorted({int(token.tag[1:]) for token in heads})
    above = _HIGHEST - 1
    for token in heads:
        level = min(_HIGHEST + used.index(int(token.tag[1:])), above + 1, _LOWEST)
        token.tag = f"h{level}"
        if token.type == "heading_close":
            above = level
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704


def part(markdown: str, heading: str) -> str:
    """The text under a heading of a commentary, on one line and unformatted; empty if there is none."""
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    lines: list[str] = []
    is_inside, is_heading = False, False
    for token in parser.parse(markdown):
        if token.type in ("heading_open", "heading_close"):
            is_heading = token.type == "heading_open"
        elif token.type == "inline":
            plain = "".join(_plain(child.type, child.content) for child in token.children or [])
            if is_heading:
                is_inside = plain.strip().casefold() == heading.casefold()
            elif is_inside:
                lines.append(plain.strip())
    return " ".join(line for line in lines if line)


def _plain(kind: str, content: str) -> str:
    return " " if kind in ("softbreak", "hardbreak") else content
