"""What personal data looks like in free text: regular expressions that DuckDB (RE2) understands.

They look for identifiers with a form of their own; names and stories have none. The outward part of
a postcode alone (`ST4`) is what the law asks partners for and is let through.
"""

from __future__ import annotations

# What may stand before a number: no letter or digit, and no point after a digit (decimals).
_BEFORE = r"(?:^|[^0-9A-Za-z.]|[^0-9][.])"
_AFTER = r"(?:$|[^0-9A-Za-z])"
_SPACE = r"[ \t\x{A0}]"

EMAIL = r"[^\s@]+@[^\s@]+[.][^\s@]+"
# The letters of the inward part leave out C, I, K, M, O and V.
POSTCODE = (
    rf"(?i)(?:^|[^0-9a-z])(?:[a-z]{{1,2}}[0-9][a-z0-9]?|gir){_SPACE}{{0,2}}"
    r"[0-9][abd-hjlnp-uw-z]{2}(?:$|[^0-9a-z])"
)
NHS_NUMBER = rf"(?i){_BEFORE}(?:nhs)?(?:[0-9]{{10}}|[0-9]{{3}}[ -][0-9]{{3}}[ -][0-9]{{4}}){_AFTER}"
# A dialling code has at least three digits, so dates with hyphens are none.
PHONE = (
    rf"{_BEFORE}(?:(?:[+]{_SPACE}?44|0044)[ .-]?(?:[(]0[)])?[ .-]?[1-9](?:[ .()-]{{0,2}}[0-9]){{8,9}}"
    rf"|[(]?0[1-9][0-9](?:[ .()-]{{0,2}}[0-9]){{7,8}}){_AFTER}"
)

PATTERNS = (EMAIL, POSTCODE, NHS_NUMBER, PHONE)
IN_WORDS = "an e-mail address, a full postcode, an NHS number or a telephone number"
