"""Dagster wiring only. No other room but `cli` imports Dagster."""

# The door: what other rooms may use.
__all__ = [
    "alerts", "asset_keys", "definitions", "erased_runs", "heartbeat", "instance", "launcher", "pages",
    "running",
]  # fmt: skip
