"""The parts of the report: each makes plain values that a template prints."""
