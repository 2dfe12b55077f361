"""Dagster: wiring only. The only room, with `cli`, that knows it."""

# The door: what other rooms may use.
__all__ = ["asset_keys", "definitions", "instance", "launcher", "running"]
