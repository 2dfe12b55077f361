"""What every room may use: files, periods, SQL, settings, errors, wording. Imports no other room."""

# The door: what other rooms may use.
__all__ = [
    "candidate",
    "districts",
    "engine",
    "errors",
    "exhausted",
    "files",
    "formulas",
    "ledger",
    "marking",
    "office_documents",
    "one_run",
    "periods",
    "plain_yaml",
    "progress",
    "records",
    "refusal",
    "register",
    "sealed",
    "settings",
    "sql",
    "verified",
    "vocabulary",
    "wording",
]
