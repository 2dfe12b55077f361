"""What every room may use: files, periods, SQL, settings, errors, wording. Knows no other room."""

# The door: what other rooms may use.
__all__ = ["errors", "files", "periods", "refusal", "register", "settings", "sql", "wording"]
