"""A small home with a file of every kind that is kept, of a made-up feed; made in a second or two."""

from benchmarks import rot
from orchestration import night
from orchestration.ingest.landing import pull, pull_record
from orchestration.ingest.transports import open_source
from tests.support.made_up import column, load

MONTHS = ("2026-06", "2026-07", "2026-08")


def extract(folder, number):
    """One month of the feed, as its partner sends it."""
    month = MONTHS[number]
    lines = "".join(f"boat {number} {line} of {month}\n" for line in range(40))
    path = folder / f"boats_{month}.csv"
    path.write_text(f"Notes\n{lines}")
    return path


def made(settings, folder):
    """Land and judge three months, and put a candidate, two publications and an edition beside them."""
    source = folder / "source"
    source.mkdir()
    for number in range(len(MONTHS)):
        extract(source, number)
    contract = load(folder / "contracts", (column("notes", "Notes"),))
    contracts = {contract.feed: contract}
    with night.alone(settings):
        pull_record.remember(settings, pull.pull(settings, contracts, open_source(str(source))))
        night.gate_one(settings, contracts, lambda line: None)
        night.write_manifest(settings, contracts)
        rot.furnish(settings)
    return contracts
