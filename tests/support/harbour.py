"""A feed made up for a test, the folder that its files come from, and a home: one night after another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from orchestration import night
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.ingest.landing.pull_record import Pull
from orchestration.ingest.transports import open_source
from tests.conftest import settings_at
from tests.support.made_up import load


class Harbour:
    """A feed, the folder that its files come from, and a home."""

    def __init__(self, folder: Path, columns: Any, **properties: Any) -> None:
        self.source = folder / "source"
        self.source.mkdir()
        self.contract = load(folder / "contracts", columns, **properties)
        self.settings = settings_at(folder / "home", self.source)
        self.contracts = {self.contract.feed: self.contract}
        self.time = 1_790_000_000

    def sends(self, name: str, content: str | bytes) -> None:
        path = self.source / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.time += 60
        os.utime(path, (self.time, self.time))

    def night(self, **files: str | bytes) -> dict[str, str]:
        """Files sent, and what one night makes of them: the state of each slot's newest delivery."""
        found = self.pull(**files)
        night.gate_one(self.settings, self.contracts, lambda line: None)
        self.pulled = found
        self.found = {one.receipt.slot: one for one in deliveries(self.settings, self.contracts)}
        return {slot: one.state for slot, one in self.found.items()}

    def pull(self, **files: str | bytes) -> Pull:
        """Files sent, and landed."""
        for name, content in files.items():
            self.sends(name, content)
        self.time += 86_400
        return pull.pull(self.settings, self.contracts, open_source(str(self.source)))

    def live(self) -> set[str]:
        return {
            f"{one.receipt.slot}/{one.receipt.seq}"
            for one in deliveries(self.settings, self.contracts)
            if one.is_current
        }
