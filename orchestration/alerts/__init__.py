"""Alerts: one digest a night for each recipient, by e-mail or webhook."""

# The door: what other rooms may use.
__all__ = ["delivery_items", "health", "items", "send"]
