"""`csp`: the warehouse from the command line. Thin: it reads arguments and prints what the rooms return."""

from orchestration.cli.main import csp

__all__ = ["csp"]
