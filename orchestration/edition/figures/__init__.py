"""An edition's figures: its tables as queries on the published warehouse, and changes since the last."""

# The public interface: what other packages may use.
__all__ = ["changes", "contents", "warehouse_tables"]
