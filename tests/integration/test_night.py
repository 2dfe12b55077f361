"""Nights on a copy of the city: nothing new, and real deliveries after made-up ones."""

from orchestration import extracts, night
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.release.verify import differences
from tests.conftest import settings_at
from tests.support.nights import STREET, published_bytes


def test_a_night_with_nothing_new_does_nothing(copied):
    before = published_bytes(copied.settings)
    assert not night.work(copied.settings, copied.contracts).is_needed
    assert published_bytes(copied.settings) == before
    assert differences(copied.settings.published) == []


def test_real_deliveries_set_synthetic_ones_aside(copied):
    (copied.source / "SYNTHETIC.json").unlink()
    path = copied.source / STREET.format(month="2026-08")
    path.write_text(path.read_text(encoding="utf-8").replace("Street 1", "Street 2"), "utf-8")
    extracts.pull(copied.settings, copied.contracts)
    night.gate_one(copied.settings, copied.contracts, lambda line: None)
    current = [d for d in deliveries(copied.settings, copied.contracts) if d.is_current]
    assert [d.receipt.period for d in current] == ["2026-08"]
    unset = settings_at(copied.settings.home)
    assert extracts.source_of(unset) is None  # made-up extracts are never put beside real ones
