"""Names that senders choose: of files, folders, sheets, columns, keys, elements. A name is a value.

What holds personal data is never shown, stored or logged. A file keeps a mask instead, so that it can
still be told from others and recognised when it comes again; any other name is left out.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from pathlib import PurePosixPath

from orchestration.contracts.model import PERSONAL_KINDS
from orchestration.contracts.personal_data import holds, holds_untitled_name, plain
from orchestration.core.engine import connect

# A short hash, so that many names have the same one: it shows that two are alike, and gives none away.
_HASH, _LONGEST = 6, 400
_NOT_SHOWN = "…"
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_BETWEEN = re.compile(r"(?:[\s_+.,;()\[\]-]|%20)+")
# A day of the last century, however it is written: hardly that of an extract.
_OLD_DAY = re.compile(
    r"(?<!\d)(?:19\d{2}[-_. ]?[01]\d[-_. ]?[0-3]\d|[0-3]\d[-_. ]?[01]\d[-_. ]?19\d{2})(?!\d)"
)
# The months, days and quarters of extracts, which would make an address of `2018-10-somewhere-street`.
_PERIOD = re.compile(
    r"(?<!\d)20\d{2}[-_. ]?(?:Q[1-4]|(?:0[1-9]|1[0-2])(?:[-_. ]?(?:0[1-9]|[12]\d|3[01]))?)(?!\d)"
)
_known: dict[str, bool] = {}
_lock = threading.Lock()


def learn(names: Iterable[str]) -> None:
    """Look at many names at once: compiling the patterns costs more than applying them."""
    with _lock:
        new = sorted({name for name in names if name not in _known})
        if new:
            _known.update(_looked_at(new))


def is_personal(name: str) -> bool:
    """Whether a name may lead to a person; so does one that is longer than any that is agreed."""
    if name not in _known:
        learn([name])
    return _known[name]


def masked(name: str) -> str:
    """A name as it may be shown: as it is, or a mask with a short hash in its place."""
    return _mask(name) if is_personal(name) else name


def masked_path(path: str) -> str:
    """A path with every folder's and the file's name as it may be shown."""
    learn(path.split("/"))
    return "/".join(masked(part) for part in path.split("/"))


def masked_if_known(path: str) -> str:
    """The same, without looking at names that were not looked at yet: these stay as they are."""
    return "/".join(masked(part) if part in _known else part for part in path.split("/"))


def without(name: str) -> str:
    """A name as it may stand in a sentence: as it is, or left out."""
    return _NOT_SHOWN if is_personal(name) else name


def _mask(name: str) -> str:
    ending = PurePosixPath(name).suffix
    if not re.fullmatch(r"\.[A-Za-z]{1,8}", ending) or len(_WORDS.findall(name)) < 2:
        ending = ""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
    return f"name-not-shown-{digest[:_HASH]}{ending}"


def _looked_at(names: Collection[str]) -> Mapping[str, bool]:
    found = {name: len(name) > _LONGEST or _OLD_DAY.search(name) is not None for name in names}
    # By number: a name may hold what is no character, which no database takes.
    by_number = [name for name in names if not found[name]]
    forms = [(number, form) for number, name in enumerate(by_number) for form in _forms(name)]
    if not forms:
        return found
    kinds = " or ".join(f"({holds(kind, 'form', alone=True)})" for kind in PERSONAL_KINDS)
    query = f"""
        select distinct number
        from (select number, {plain("written")} as form from written)
        where {kinds} or {holds_untitled_name("form")}
    """
    with connect(threads=1) as connection:
        connection.execute("create temp table written (number integer, written varchar)")
        connection.execute(
            "insert into written select unnest($numbers), unnest($forms)",
            {"numbers": [number for number, _ in forms], "forms": [form for _, form in forms]},
        )
        hits = connection.execute(query).fetchall()
    found |= {by_number[number]: True for (number,) in hits}
    return found


def _forms(name: str) -> set[str]:
    """A name as it is written, and as it would be if names were written like texts.

    `jane_smith`, `SmithJane` and `9434765919-x` are found as `Jane Smith` and `9434765919` would be.
    """
    text = name.encode("utf-8", "replace").decode()
    spaced = _BETWEEN.sub(" ", _HUMP.sub(" ", _PERIOD.sub(" ", text))).strip()
    words = _WORDS.findall(spaced)
    titled = " ".join(word.capitalize() for word in spaced.split(" "))
    pairs = {
        f"{second.capitalize()} {first.capitalize()}"
        for first, second in pairwise(words)
        if first.isalpha() and second.isalpha()
    }
    return {text, spaced, titled, *pairs, *spaced.split(" ")}
