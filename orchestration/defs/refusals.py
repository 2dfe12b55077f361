"""A refusal of the warehouse as a failure of Dagster's step: the reason, and no second try."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.core.errors import WarehouseError


@contextmanager
def refused_in_words(what: str) -> Iterator[None]:
    """Turn a refusal in the block into a Dagster failure that gives the reason and is not retried."""
    try:
        yield
    except WarehouseError as problem:
        raise dg.Failure(f"{what}: {problem}", allow_retries=False) from problem
