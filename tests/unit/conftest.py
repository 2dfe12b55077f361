"""Fixtures that unit tests share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from orchestration import night
from orchestration.contracts.odcs import Contract
from orchestration.core.settings import Settings
from orchestration.ingest.landing import pull as landing
from orchestration.ingest.landing.pull_record import Pull
from orchestration.ingest.transports import Entry, connect
from tests.conftest import settings_at


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Contract]:
    """The project's contracts, read once."""
    return night.contracts_of(settings_at(tmp_path_factory.mktemp("nobody")))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home of its own, with nothing in it."""
    return settings_at(tmp_path / "home")


@pytest.fixture
def pull(contracts: dict[str, Contract], home: Settings) -> Callable[[Entry], Pull]:
    """Pull everything that an entry offers into that home."""

    def from_entry(entry: Entry) -> Pull:
        with closing(connect(entry)) as source:
            return landing.pull(home, contracts, source, terms=entry.terms)

    return from_entry
