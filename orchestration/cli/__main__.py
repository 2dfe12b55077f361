"""`python -m orchestration.cli`: the same as `csp`."""

from orchestration.cli.main import csp

csp()
