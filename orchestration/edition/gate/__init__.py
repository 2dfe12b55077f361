"""Gate 3: whether a strategic assessment may be issued. Checks, waivers and one verdict."""

# The door: what other rooms may use.
__all__ = [
    "agreements",
    "check_register",
    "checklist",
    "evidence",
    "judge",
    "verdict",
    "waivers",
    "wording",
]
