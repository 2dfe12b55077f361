"""The districts of England and Wales, and the bodies that cover each: how a partnership is found.

    seeds/national/districts.csv    one row per district and Community Safety Partnership in it

Most districts have a partnership of their own. Some share one, and a district that was made of several may
still have theirs.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache

from orchestration.core.errors import WarehouseError
from orchestration.core.settings import PROJECT

_FILE = PROJECT / "seeds" / "national" / "districts.csv"


class NoSuchDistrict(WarehouseError):
    """Nothing in the list of districts has such a code or name. One sentence."""


@dataclass(frozen=True)
class District:
    """A district, one of the partnerships in it, its police force, fire and rescue authority and region.

    `police_force_slug` is the force's name in the files of data.police.uk.
    """

    district_code: str
    district_name: str
    csp_code: str
    csp_name: str
    police_force_code: str
    police_force_name: str
    police_force_slug: str
    fire_authority_code: str
    fire_authority_name: str
    region_code: str
    region_name: str


@cache
def read() -> tuple[District, ...]:
    """Every district with each of its partnerships, by the codes of both."""
    names = [field.name for field in fields(District)]
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(District(*(row[name] for name in names)) for row in csv.DictReader(lines))


def find(words: Sequence[str]) -> list[District]:
    """The districts of which a code, or the name of district, partnership or force, has every word.

    A code must be whole; of a name any part does, in capitals or not.

    Raises:
        NoSuchDistrict: there is none; the sentence has the names that are nearest.
    """
    known = read()
    asked = [word.casefold() for word in words]
    if found := [district for district in known if all(_has(district, word) for word in asked)]:
        return found
    text = " ".join(words)
    names = sorted({district.district_name for district in known})
    near = get_close_matches(text.title(), names, n=3)
    hint = f"; the nearest are {', '.join(near)}" if near else "; csp areas lists them all"
    raise NoSuchDistrict(
        f"no district, partnership or police force of England and Wales is called {text!r}{hint}"
    )


def sharing(district: District) -> list[District]:
    """The other districts of a district's partnership."""
    return [
        other
        for other in read()
        if other.csp_code == district.csp_code and other.district_code != district.district_code
    ]


def _has(district: District, word: str) -> bool:
    codes = (district.district_code, district.csp_code, district.police_force_code)
    names = (district.district_name, district.csp_name, district.police_force_name)
    return word in (code.casefold() for code in codes) or any(
        word in name.casefold() for name in names
    )
