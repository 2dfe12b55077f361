"""Dagster wiring only. No other room but `cli` imports Dagster."""

# The door: what other rooms may use.
__all__ = ["asset_keys", "definitions", "instance", "launcher", "pages", "running"]
