"""Mutants of SQL: one small change each that alters what a query decides, by position in its text.

The text may be a dbt model with Jinja: comments, quoted text and Jinja are left alone, and the rest
is read word by word, which is sufficient given the formatter's layout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Comments, Jinja, string literals and quoted names: nothing inside them is changed.
_LEFT_ALONE = re.compile(
    r"--[^\n]*|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|'(?:[^']|'')*'|\"[^\"]*\"", re.S
)
_BETWEEN = re.compile(r"\bbetween\b.*?\b(and)\b", re.S | re.I)
_WORDS = {
    "min": "max",
    "max": "min",
    "least": "greatest",
    "greatest": "least",
    "lag": "lead",
    "lead": "lag",
    "and": "or",
    "or": "and",
    "desc": "asc",
    "asc": "desc",
    "first": "last",
    "last": "first",
    "true": "false",
    "false": "true",
}
# Only where they are called as functions.
_CALLED = {"min", "max", "least", "greatest", "lag", "lead"}
_AFTER_NULLS = {"first", "last"}
_SIGNS = {
    ">=": ">",
    "<=": "<",
    ">": ">=",
    "<": "<=",
    "=": "<>",
    "<>": "=",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
}
_NO_OPERAND = {"select", "distinct", "as", "by", "then", "else", "when", "and", "or", "(", ","}
_CONDITION = re.compile(r"^(\s*(?:and |where )?\s*)(\S.*)$", re.I)


@dataclass(frozen=True)
class Change:
    """One change to a text: its position from `start` to `end`, the replacement, and its line."""

    start: int
    end: int
    becomes: str
    line: int
    told: str

    def applied(self, text: str) -> str:
        """The text with this change made."""
        return text[: self.start] + self.becomes + text[self.end :]


def changes(text: str) -> list[Change]:
    """Every change that can be made to a query, in text order."""
    masked = _masked(text)
    found = [change for kind in _KINDS for change in kind(text, masked)]
    return sorted(found, key=lambda change: (change.start, change.end, change.becomes))


def _masked(text: str) -> str:
    """The text with blanks in place of what is left alone; every other character keeps its position."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", "\0" if match[0][0] in "'\"{" else " ", match[0])

    return _LEFT_ALONE.sub(blank, text)


def _change(text: str, start: int, end: int, becomes: str, description: str = "") -> Change:
    was = text[start:end].strip()
    line = text.count("\n", 0, start) + 1
    return Change(start, end, becomes, line, description or f"{was} -> {becomes}")


def _words(text: str, masked: str) -> Iterator[Change]:
    of_between = {match.start(1) for match in _BETWEEN.finditer(masked)}
    for match in re.finditer(r"[a-z_]\w*", masked, re.I):
        word = match[0].lower()
        if word not in _WORDS or match.start() in of_between:
            continue
        if word in _CALLED and masked[match.end() : match.end() + 1] != "(":
            continue
        if word in _AFTER_NULLS and not re.search(r"\bnulls\s+$", masked[: match.start()], re.I):
            continue
        yield _change(text, match.start(), match.end(), _WORDS[word])


def _signs(text: str, masked: str) -> Iterator[Change]:
    for match in re.finditer(r"(?<=\s)(>=|<=|<>|[<>=+*/-])(?=\s)", masked):
        before = re.search(r"(\w+|\S)\s*$", masked[: match.start()])
        if match[0] in "+-*/" and (before is None or before[1].lower() in _NO_OPERAND):
            continue
        yield _change(text, match.start(), match.end(), _SIGNS[match[0]])


def _numbers(text: str, masked: str) -> Iterator[Change]:
    for match in re.finditer(r"(?<![\w.$])\d+(?![\w.])", masked):
        yield _change(text, match.start(), match.end(), str(int(match[0]) + 1))


def _nulls(text: str, masked: str) -> Iterator[Change]:
    for match in re.finditer(r"\bis (not )?null\b", masked, re.I):
        becomes = "is null" if match[1] else "is not null"
        yield _change(text, match.start(), match.end(), becomes)


def _negations(text: str, masked: str) -> Iterator[Change]:
    for match in re.finditer(r"(?<!is )\bnot (?=\S)", masked, re.I):
        yield _change(text, match.start(), match.end(), "", "not left out")


def _joins(text: str, masked: str) -> Iterator[Change]:
    for match in re.finditer(r"\bleft join\b", masked, re.I):
        yield _change(text, match.start(), match.end(), "inner join")


def _distinct(text: str, masked: str) -> Iterator[Change]:
    for match in re.finditer(r"(?<=\()distinct (?=\S)", masked, re.I):
        yield _change(text, match.start(), match.end(), "", "distinct left out")


def _conjuncts(text: str, masked: str) -> Iterator[Change]:
    """Changes that leave out a condition on a line of its own, after `where` or `and`."""
    start, before, in_case = 0, "", 0
    for line in masked.splitlines(keepends=True):
        shown = line.rstrip()
        in_case += len(re.findall(r"\bcase\b", shown)) - len(re.findall(r"\bend\b", shown))
        match = _CONDITION.match(shown)
        if match and not in_case and _is_whole(match[2]):
            begins = match[1].strip().lower() in ("and", "where") or before == "where"
            if begins and match[2].lower() != "where":
                where = slice(start + match.start(2), start + len(shown))
                description = f"left out: {text[where]}"
                yield _change(text, where.start, where.stop, "true", description)
        start, before = start + len(line), shown.strip().lower()


def _is_whole(condition: str) -> bool:
    """Whether a line is a complete condition and nothing else."""
    others = re.search(r"\b(group|order|qualify|window|then|or|and|union|case)\b", condition, re.I)
    return condition.count("(") == condition.count(")") and others is None


_KINDS: tuple[Callable[[str, str], Iterator[Change]], ...] = (
    _words,
    _signs,
    _numbers,
    _nulls,
    _negations,
    _joins,
    _distinct,
    _conjuncts,
)
