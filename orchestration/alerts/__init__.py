"""Alerts: one digest a night for each who has to know, by e-mail or webhook."""

# The door: what other rooms may use.
__all__ = ["delivery_items", "items", "send"]
