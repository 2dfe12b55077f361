"""What protects people in the data: the scanner, pseudonyms, and encryption at rest."""

# The door: what other rooms may use.
__all__ = ["encryption", "key_file", "names", "pseudonyms", "rekey", "scanner", "vault"]
