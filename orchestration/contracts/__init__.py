"""The contracts of feeds: what a partner has agreed to send, read from Open Data Contract Standard files.

`odcs` reads a contract, `model` defines its parts, `rules` are what gate 1 checks deliveries against.
"""

# The door: what other rooms may use.
__all__ = ["known_names", "model", "odcs", "personal_data", "rules"]
