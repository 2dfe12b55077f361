"""Fixtures that unit tests share."""

from __future__ import annotations

import pytest

from orchestration import night
from orchestration.ingest.contracts import Contract
from tests.conftest import settings_at


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Contract]:
    """The project's contracts, read once."""
    return night.contracts_of(settings_at(tmp_path_factory.mktemp("nobody")))
