"""Whether a text says something: a reason, a person or role, and text without content."""

from __future__ import annotations

import re
import unicodedata

PLACEHOLDER = re.compile(
    r"\b(?:todo|tb[cda]|n/?a|x{3,}|lorem ipsum|place ?holder|asdf\w*|insert (?:text|reason|name)"
    r"|to be (?:confirmed|added|decided|written)|your (?:name|reason|text) (?:goes )?here)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:me|myself|us|we|self|someone|somebody|anyone|anybody|nobody|no one|none|null|name|approver"
    r"|user|admin|root|test|team|unknown|the partnership)",
    re.IGNORECASE,
)
_SHORTEST_REASON = 20
_FEWEST_WORDS = 4


def is_reason(text: str) -> bool:
    """Whether the text can be a reason: at least 20 characters, four different words, no placeholder."""
    return says_something(text) and not PLACEHOLDER.search(text) and "\n" not in text.strip()


def says_something(text: str) -> bool:
    """Whether the text is as long as a reason: at least 20 characters and four different words."""
    words = {word.lower() for word in re.findall(r"[^\W\d_]{2,}", text)}
    return len(text.strip()) >= _SHORTEST_REASON and len(words) >= _FEWEST_WORDS


def is_somebody(text: str) -> bool:
    """Whether the text can name a particular person or role.

    Invisible characters (line breaks, control and format characters) are not allowed in a name.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    return (
        len(re.findall(r"[^\W\d_]", name)) >= 3
        and not _NOBODY.fullmatch(name)
        and not PLACEHOLDER.search(name)
        and not any(unicodedata.category(letter).startswith("C") for letter in name)
    )
