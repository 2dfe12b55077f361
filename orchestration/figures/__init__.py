"""The tables of an edition as queries on the published warehouse: for editions, and the controlled copy."""

# The public interface: what other packages may use.
__all__ = ["warehouse_tables"]
