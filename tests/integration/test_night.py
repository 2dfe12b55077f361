"""Nights on a copy of the city: nothing new, corrections, refusals."""

import duckdb

from orchestration import night
from orchestration.ingest.landing.deliveries import REFUSED, deliveries
from orchestration.release.verify import differences, read_manifest
from orchestration.synthetic import sample
from orchestration.synthetic.faults.catalogue import FAULTS
from tests.conftest import MONTHS, settings_at
from tests.support.nights import STREET, count_of, published_bytes


def of_street_crime(home, month):
    """The deliveries of one month of the feed, in the order they came."""
    return [
        delivery
        for delivery in deliveries(home.settings, home.contracts)
        if (delivery.receipt.feed, delivery.receipt.period) == ("police/street_crime", month)
    ]


def test_a_night_with_nothing_new_does_nothing(copied):
    before = published_bytes(copied.settings)
    assert not night.work(copied.settings, copied.contracts).is_needed
    assert published_bytes(copied.settings) == before
    assert differences(copied.settings.published) == []


def test_a_night_of_corrections(copied, run_night):
    """A month is corrected, one is corrected badly, one is gone from the source: one night, and a reader
    who has the publication open all the while."""
    corrected, spoiled, gone = "2026-05", "2026-08", "2024-07"
    path = copied.source / STREET.format(month=corrected)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    asb = next(
        n
        for n, line in enumerate(lines)
        if line.startswith(",") and "E010" in line and "E01099999" not in line
    )
    path.write_text("".join([*lines, lines[asb]]), encoding="utf-8")
    FAULTS["renamed_column"].apply(copied.source / STREET.format(month=spoiled))
    (copied.source / STREET.format(month=gone)).rename(copied.source / "gone")
    count, _ = count_of(copied.settings, corrected)
    unspoiled, ungone = (count_of(copied.settings, month) for month in (spoiled, gone))
    assert night.work(copied.settings, copied.contracts).is_needed
    with duckdb.connect(
        str((copied.settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as reader:
        before = reader.sql('select sum("count") from marts.fct_measure').fetchone()
        run_night(copied.settings)
        # The reader keeps the snapshot.
        assert reader.sql('select sum("count") from marts.fct_measure').fetchone() == before
    # The correction replaces its month, and the old one is kept.
    assert count_of(copied.settings, corrected) == (count + 1, None)
    kept = of_street_crime(copied, corrected)
    assert [(d.state, d.is_current) for d in kept] == [("passed", False), ("passed", True)]
    with duckdb.connect(
        str((copied.settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as connection:
        now = connection.sql('select sum("count") from marts.fct_measure').fetchone()
        superseded, difference = connection.sql(
            "select sum(rows_superseded), sum(unexplained_difference) from governance.reconciliation"
        ).fetchone()
    assert now != before
    assert superseded == len(lines) - 1
    assert difference == 0
    # The refused one leaves the last good month live.
    assert count_of(copied.settings, spoiled) == unspoiled
    assert [d.state for d in of_street_crime(copied, spoiled)] == ["passed", REFUSED]
    # What was landed once stays published.
    assert count_of(copied.settings, gone) == ungone
    after = read_manifest(copied.settings.published)
    assert len([d for d in after["deliveries"] if d["feed"] == "police/street_crime"]) == MONTHS


def test_a_first_night_of_one_feed(tmp_path, run_night):
    """A refused month says so, a rejected row has its reason, and without deliveries of reference data
    the shipped areas serve."""
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    feed = "police/street_crime"
    sample.write(settings, tmp_path / "source", months=3, faults=["wrong_month"], only=[feed])
    FAULTS["bad_coordinate"].apply(tmp_path / "source" / STREET.format(month="2026-07"))
    run_night(settings)
    assert count_of(settings, "2026-08") == (None, "refused")
    assert count_of(settings, "2026-07")[1] is None
    with duckdb.connect(
        str((settings.published / "warehouse.duckdb").resolve()), read_only=True
    ) as c:
        assert c.sql(
            "select reject_reason, count(*) from governance.rejected_rows group by 1"
        ).fetchall() == [("coordinate_not_a_number", 1)]
        assert c.sql(
            "select sum(unexplained_difference) from governance.reconciliation"
        ).fetchone() == (0,)
        assert c.sql(
            "select state from governance.completeness "
            "where feed = 'police/street_crime' and period = '2026-08'"
        ).fetchall() == [("refused",)]
        assert c.sql(
            "select area_type, count(*) from marts.dim_area group by all order by all"
        ).fetchall() == [
            ("city", 1), ("lsoa", 163), ("postcode_district", 11), ("unplaced", 6), ("ward", 34),
        ]  # fmt: skip
        assert c.sql(
            "select distinct state from governance.completeness where feed like 'reference/%'"
        ).fetchall() == [("missing",)]


def test_real_deliveries_set_synthetic_ones_aside(copied):
    (copied.source / "SYNTHETIC.json").unlink()
    path = copied.source / STREET.format(month="2026-08")
    path.write_text(path.read_text(encoding="utf-8").replace("Street 1", "Street 2"), "utf-8")
    night.pull(copied.settings, copied.contracts)
    night.gate_one(copied.settings, copied.contracts, lambda line: None)
    current = [d for d in deliveries(copied.settings, copied.contracts) if d.is_current]
    assert [d.receipt.period for d in current] == ["2026-08"]
    unset = settings_at(copied.settings.home)
    assert night.source_of(unset) is None  # made-up extracts are never put beside real ones
