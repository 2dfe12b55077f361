"""The protective marking of what the warehouse writes (Government Security Classifications Policy).

Published data hold exact counts of few people, so they are OFFICIAL-SENSITIVE whether made up or not: that
they are synthetic is said beside it. What went through disclosure control is OFFICIAL.
"""

from __future__ import annotations

SENSITIVE, CONTROLLED = "OFFICIAL-SENSITIVE", "OFFICIAL"
SYNTHETIC = "SYNTHETIC: made-up extracts, not about any place"
_HANDLING = {
    SENSITIVE: "not controlled for disclosure: counts of few people are exact; do not pass on or publish",
    CONTROLLED: "controlled for disclosure: small counts of people are withheld, others rounded",
}


def label(marking: str, *, synthetic: bool) -> str:
    """The marking, how it is to be handled and, if so, that all is made up, in one line."""
    parts = [f"{marking}: {_HANDLING[marking]}", *([SYNTHETIC] if synthetic else [])]
    return ". ".join(parts)


def metadata(marking: str, *, synthetic: bool) -> dict[str, str]:
    """The same as keys and values, for files that can carry them."""
    return {
        "marking": marking,
        "handling": _HANDLING[marking],
        "synthetic": "true" if synthetic else "false",
    }
