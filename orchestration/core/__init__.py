"""What every room may use: files, periods, SQL, settings, errors, wording. Imports no other room."""

# The door: what other rooms may use.
__all__ = [
    "errors",
    "files",
    "formulas",
    "ledger",
    "marking",
    "office_documents",
    "periods",
    "records",
    "refusal",
    "register",
    "settings",
    "sql",
    "verified",
    "vocabulary",
    "wording",
]
