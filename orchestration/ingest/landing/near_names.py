"""Files that match no contract by their names, and the feed that each of them looks like.

A name is compared as it is once what browsers, systems and people add to names is taken away, step by
step; then by its letters. It is only ever shown with the words of the feed's own name: whatever else a
name holds (a person, say) is shown as `…`.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from orchestration.contracts.model import FORMATS, Contract
from orchestration.ingest.landing import parts

_LONGEST = 200  # a longer name is nobody's slip
_ALIKE = 0.8  # of difflib's ratio, on letters only
_ENDINGS = (*FORMATS, "xls", "xlsm", "txt", "zip", "tsv")
_ENDING = re.compile(rf"(?i)(?:\s*\.(?:{'|'.join(_ENDINGS)}))+\s*$")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_COPY = re.compile(r"(?i)^\s*copy[ _]of[ _]+|[ _]*\(\d{1,3}\)|[ _-]+copy(?:[ _]*\d{1,3})?$")
_VERSION = re.compile(
    r"(?i)[ _-]+(?:v\d{1,3}|version[ _]?\d{1,3}|rev\d{0,3}|final|new|corrected|amended|updated)$"
)
_MONTH = re.compile(
    r"(?<![a-z])(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_QUARTER = re.compile(r"(?i)(?<!\d)(20\d{2})[_. ]?(q[1-4])(?!\d)")
_SHORT_MONTH = re.compile(r"(?<!\d)(\d{4})[-_. ]?([1-9])(?!\d)")
_CLOSED_MONTH = re.compile(r"(?<!\d)(20\d{2})[_. ]?(0[1-9]|1[0-2])(?!\d)")
# Words that tell nothing of a person, beside those of the feed's own name.
_PLAIN = {
    "v",
    "q",
    "copy",
    "of",
    "final",
    "new",
    "corrected",
    "amended",
    "updated",
    "version",
    "rev",
    *_ENDINGS,
}
_PERIOD = re.compile(r"20\d{2}([01]\d)?|\d{1,2}")
_WORD = re.compile(r"[^\W\d_]+|\d+|[\W_]", re.ASCII)


@dataclass(frozen=True)
class Near:
    """A file that was left alone, by a name that is safe to show. `feed` is "" where it is like none."""

    feed: str
    name: str
    sentence: str


def near(contracts: Mapping[str, Contract], paths: Sequence[str]) -> list[Near]:
    """What each of the files looks like, and why it was left alone; one for each path, in order."""
    return [_near(contracts, PurePosixPath(path).name or path) for path in paths]


def _near(contracts: Mapping[str, Contract], name: str) -> Near:
    known = list(contracts.values())
    if len(name) > _LONGEST:
        return Near("", "…", "the name is longer than any that was agreed")
    stem = _ENDING.sub("", unicodedata.normalize("NFC", name))
    ending = name[len(stem) :].strip()
    fits = [contract for contract in known if contract.named(name)]
    if len(fits) == 1 and fits[0].part_list is not None:
        # It fits whole, and was left alone all the same: its part is the only thing that is free.
        return Near(fits[0].feed, _safe(name, fits[0]), f"it {parts.unlisted(fits[0])}")
    reasons: list[str] = []
    for reason, change in _STEPS:
        changed = change(stem)
        if reason and changed == stem:
            continue
        stem = changed
        reasons += [reason] if reason else []
        if (found := _exact(known, stem)) is not None:
            contract, expected = found
            if ending.casefold() != f".{contract.format}":
                reasons.append("it has another ending")
            elif not reasons or ending != ending.lower():
                reasons.append(_CAPITALS)
            why = " and ".join(dict.fromkeys(reasons))
            return Near(contract.feed, _safe(name, contract), f"{why}; expected {expected}")
    if (likely := _alike(known, stem)) is not None:
        expected = _expected(likely, "")
        return Near(likely.feed, _safe(name, likely), f"it is named otherwise; expected {expected}")
    return Near("", _safe(name, None), "it is like the files of no contract")


def _with_plain_period(text: str) -> str:
    text = _QUARTER.sub(r"\1-\2", _SHORT_MONTH.sub(r"\1-0\2", text))
    return _CLOSED_MONTH.sub(r"\1-\2", text)


_CAPITALS = "it is written in other capitals"
# What may have become of a name, in the order in which it is undone; first, nothing.
_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("", lambda text: text),
    ("it has another kind of dash", lambda text: _DASHES.sub("-", text)),
    (_CAPITALS, str.lower),
    ("it is named as a copy", lambda text: _COPY.sub("", text)),
    ("it is named as a version", lambda text: _VERSION.sub("", text)),
    ("it holds spaces", lambda text: re.sub(r"\s+", "_", text.strip())),
    ("its period is written otherwise", _with_plain_period),
)


def _exact(known: Collection[Contract], stem: str) -> tuple[Contract, str] | None:
    """The one contract that a name without its ending fits, whatever its capitals; the name agreed."""
    fits = []
    for contract in known:
        pattern = re.compile(contract.file_pattern.pattern, re.ASCII | re.IGNORECASE)
        if fit := pattern.fullmatch(f"{stem}.{contract.format}"):
            fits.append((contract, _expected(contract, fit.groupdict().get("period") or "")))
    return fits[0] if len(fits) == 1 else None


def _expected(contract: Contract, period: str) -> str:
    """The name that was agreed; the period as the pattern has it, and no part of a name that was sent."""
    if contract.sample_name is None:
        return f"a name as in the contract of {contract.feed}"
    written = contract.sample_name.format(period=period, part="part")
    if not contract.file_pattern.fullmatch(written):
        period = period.upper()
    return contract.sample_name.format(period=period or "{period}", part="{part}")


def _alike(known: Collection[Contract], stem: str) -> Contract | None:
    letters = _letters(stem)
    if len(letters) < 4:
        return None
    scored = [(_ratio(letters, contract), contract.feed, contract) for contract in known]
    best = max(scored, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] >= _ALIKE else None


def _ratio(letters: str, contract: Contract) -> float:
    sample = re.sub(r"{\w+}", "", _ENDING.sub("", contract.sample_name or contract.name))
    return max(
        difflib.SequenceMatcher(None, letters, _letters(own), autojunk=False).ratio()
        for own in (sample, contract.name)
    )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", _MONTH.sub("", text.casefold()))


def _safe(name: str, contract: Contract | None) -> str:
    """The name with `…` for every word that is neither the feed's nor a plain one.

    Of the numbers only a period and a count stay: a third one could make a date of birth.
    """
    own = f"{contract.feed} {contract.sample_name or ''}" if contract else ""
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", own)} - {
        "period",
        "part",
    } | _PLAIN
    numbers, before, shown = 0, "", list[str]()
    for piece in _WORD.findall(_DASHES.sub("-", name)):
        plain = piece.casefold()
        if plain.isdecimal():
            counts = before in ("(", "v", "q") and len(plain) < 3
            numbers += not counts
            is_known = counts or (numbers < 3 and _PERIOD.fullmatch(plain) is not None)
        elif plain.isalpha():
            is_known = plain in words
        else:
            is_known = plain.isprintable()
        shown.append(piece if is_known and piece.isascii() else "…")
        before = plain
    return re.sub("…+", "…", "".join(shown))
