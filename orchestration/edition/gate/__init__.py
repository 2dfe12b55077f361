"""Gate 3: whether a strategic assessment may be issued. Checks, waivers and one verdict."""

# The public interface: what other packages may use.
__all__ = [
    "agreements",
    "checklist",
    "evidence",
    "judge",
    "scope",
    "verdict",
    "wording",
]
