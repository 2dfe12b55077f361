"""An edition's figures: its tables as queries on the published warehouse, and changes since the last."""

# The door: what other rooms may use.
__all__ = ["changes", "contents", "warehouse_tables"]
