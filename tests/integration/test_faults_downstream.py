"""What a fault does to figures where no gate stops it: one small night with all such faults in it."""

import duckdb
import pytest

from orchestration import extracts, night
from orchestration.contracts.odcs import load_contracts
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing.deliveries import PASSED
from orchestration.synthetic import reference, sample
from orchestration.synthetic.faults.catalogue import FAULTS, REJECTED_ROWS
from orchestration.transform import dbt
from tests.conftest import settings_at

# What the warehouse then holds, as a query that is true.
SHOWN = {
    "treatment_withheld": """
        select bool_and("count" is null and missing_reason = 'suppressed_by_source')
        from marts.fct_measure
        where measure_id in ('opiate_treatment_people', 'drug_treatment_new_presentations')
            and period_type = 'quarter' and period_start = '2026-04-01' and area_type = 'city'
    """,
    "exclusions_not_available": """
        select bool_and("count" is null and missing_reason is not null)
        from marts.fct_measure
        where measure_id = 'suspensions_offensive_weapon' and period_start = '2024-09-01'
            and area_type = 'city'
    """,
    "reviews_all_zero": """
        select count(*) > 1 and bool_and("count" = 0 and missing_reason is null)
        from marts.fct_measure
        where measure_id like 'asb_case_review%' and period_start = '2025-04-01'
            and period_type = 'strategy_year' and area_type = 'city'
    """,
    "marac_other_perpetrator": """
        select count(*) = 1 and bool_and(not cases.is_repeat)
        from intermediate.int_marac_case as cases
        inner join staging.stg_partnership__marac_cases as staged
            using (delivery_id, line_number)
        where staged.case_ref = 'SYN-ANOTHERPERPETRATOR'
    """,
    "old_wards": """
        select sum("count") = 3 from marts.fct_measure
        where measure_id = 'environmental_crime_reports' and area_code = 'WITHIN_OLD_CODE'
            and period_type = 'month' and period_start = '2026-08-01'
    """,
    "crimes_lsoa_2011": """
        select count(*) = 2 and bool_and(place.unit_code = 'WITHIN_OLD_CODE')
        from staging.stg_police__recorded_crime as crimes
        left join intermediate.int_place as place on place.place_code = crimes.lsoa_code
        where crimes.lsoa_code in ('E01014251', 'E01014236')
    """,
    "lines_part_of_a_quarter": """
        select count(*) > 1 and bool_and("count" is null and missing_reason is not null)
        from marts.fct_measure
        where measure_id like 'county_lines_%' and period_start = '2026-04-01'
            and period_type = 'quarter' and area_type = 'city'
    """,
    "plan_serial_dates": """
        select count(*) > 10 and bool_and(reject_reason is null)
            and min(due_on) >= '2024-01-01' and max(due_on) <= '2028-12-31'
        from staging.stg_council__plan_actions
    """,
    "missing_serial_times": """
        select count(*) > 10 and bool_and(reject_reason is null and
            date_trunc('month', reported_at) = '2026-08-01')
        from staging.stg_police__missing_episodes where period_month = '2026-08-01'
    """,
    "exclusions_other_authority": """
        select count(*) > 1 and bool_and("count" is null and missing_reason is not null)
        from marts.fct_measure
        where measure_id like 'suspensions%' and period_start = '2023-09-01' and area_type = 'city'
    """,
    "national_other_name": """
        select count(*) > 1 and bool_and(their_count is null)
        from governance.external_reconciliation where strategy_year = '2025-26'
    """,
}
LONGER = {"police/recorded_crime": 17, "council/school_exclusions": 30}  # a whole year, and two
EARLIER = {"exclusions_other_authority": "council/school_exclusions_2023-24.csv"}
REJECTING = ("crimes_unknown_offence", "exclusions_unknown_marker", "lines_part_of_a_quarter")
REJECTED = "select count(*) = 1 from governance.rejected_rows where feed = ? and reject_reason = ?"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """What dbt builds of a small night with all of these faults in it."""
    folder = tmp_path_factory.mktemp("downstream")
    settings = settings_at(folder / "home", folder / "source")
    feeds = {FAULTS[name].feed for name in (*SHOWN, *REJECTING)} | set(reference.FEEDS)
    for feed, months in LONGER.items():
        sample.write(settings, folder / "source", months=months, only=[feed])
    newest = {*SHOWN, *REJECTING} - set(EARLIER)
    sample.write(settings, folder / "source", months=3, faults=sorted(newest), only=feeds)
    for name, path in EARLIER.items():
        FAULTS[name].apply(folder / "source" / path)
    contracts = night.contracts_of(settings)
    extracts.pull(settings, contracts)
    gate = night.gate_one(settings, contracts, lambda line: None)
    assert {record.state for record in gate.decided.values()} == {PASSED}
    night.write_manifest(settings, contracts)
    chosen = ("fct_measure", "int_marac_case", "external_reconciliation", "reconciliation",
              "rejected_rows")  # fmt: skip
    assert dbt.blocking(dbt.build(settings, chosen)) == []
    with duckdb.connect(str(dbt.candidate_path(settings)), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("name", SHOWN)
def test_the_fault_is_seen_in_the_warehouse(name, warehouse):
    assert warehouse.execute(SHOWN[name]).fetchone() == (True,)


@pytest.mark.parametrize("name", REJECTING)
def test_the_row_is_rejected_with_its_reason(name, warehouse):
    found = warehouse.execute(REJECTED, [FAULTS[name].feed, FAULTS[name].rule]).fetchone()
    assert found == (True,)


def test_every_row_of_them_is_accounted_for(warehouse):
    (unexplained,) = warehouse.sql(
        "select sum(abs(unexplained_difference)) from governance.reconciliation"
    ).fetchone()
    assert unexplained == 0


def test_every_fault_that_rejects_rows_is_shown():
    """Here, or by the counter-examples, which follow every row rule of a contract into staging."""
    stated = {
        (contract.feed, rule.rejects)
        for contract in load_contracts(PROJECT / "expectations" / "feeds").values()
        for rule in contract.rejecting
    }
    rejecting = {name for name, fault in FAULTS.items() if fault.outcome == REJECTED_ROWS}
    elsewhere = {name for name in rejecting if (FAULTS[name].feed, FAULTS[name].rule) in stated}
    assert rejecting - set(REJECTING) - elsewhere == set()
