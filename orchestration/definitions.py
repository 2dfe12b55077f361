"""Where Dagster's own tools look for a code location: `dagster … -m orchestration.definitions`."""

from orchestration.defs.definitions import defs

__all__ = ["defs"]
