"""What several editions tell together: all that were issued are laid side by side, revised figures not."""

import pandas as pd
import pytest

from orchestration.core.files import write_json
from orchestration.disclosure.audit import Previous, audit
from orchestration.disclosure.control import controlled
from orchestration.disclosure.register import rules_in
from orchestration.edition.candidate import Candidate
from orchestration.edition.figures.contents import VARIANTS
from orchestration.edition.gather import public_before
from tests.conftest import settings_at
from tests.support.disclosure_frames import REGISTER, Measure, edition, replaced

RULES = rules_in(REGISTER)
OURS = edition(Measure("x", wards={"W1": 46, "W2": 53}))
LAST_YEARS = "x|ward|W1|strategy_year|2024-04-01"


def last_year(first, second, shown=None):
    """The wards of the year before, which an edition of this year has none of."""
    tables = edition(Measure("x", wards={"W1": first, "W2": second}))
    public = controlled(tables, RULES).tables
    if shown is not None:
        public = replaced(public, "figures", {"area_code": "W1"}, count=shown, suppressed=None)

    def wards(figures):
        own = figures[figures["area_type"].eq("ward")]
        year = pd.DateOffset(years=1)
        return own.assign(
            period_start=own["period_start"] - year, period_end=own["period_end"] - year
        )

    return Previous(wards(public["figures"]), wards(tables["figures"]))


def test_a_count_that_a_reissue_revised_contradicts_nobody():
    """Else no edition could follow an earlier year that was issued twice."""
    version_1, version_2 = last_year(40, 60), last_year(51, 60)
    result = controlled(OURS, RULES, previous=[version_2, version_1]).audit
    assert result.passed, result.findings


def test_a_count_that_a_reissue_did_not_revise_is_read_in_both():
    version_1, version_2 = last_year(3, 60, shown=3), last_year(3, 60)
    public = controlled(OURS, RULES).tables
    found = audit(public, OURS, RULES, [version_2, version_1]).findings
    assert found["cell"].tolist() == [LAST_YEARS]
    assert not len(audit(public, OURS, RULES, [last_year(4, 60), version_1]).findings)


ISSUED = ("2024-25/v1", "2024-25/v2", "2025-26/v1")


@pytest.mark.parametrize(
    ("year", "version", "beside"),
    [
        ("2025-26", 1, ["2024-25/v2", "2024-25/v1"]),
        ("2025-26", 2, ["2025-26/v1", "2024-25/v2", "2024-25/v1"]),
        ("2026-27", 1, ["2025-26/v1", "2024-25/v2", "2024-25/v1"]),
        ("2024-25", 3, ["2025-26/v1", "2024-25/v2", "2024-25/v1"]),
    ],
)
def test_every_edition_that_was_issued_before_is_laid_beside(tmp_path, year, version, beside):
    settings = settings_at(tmp_path)
    for name in ISSUED:
        write_json(settings.editions / name / VARIANTS[0] / "manifest.json", {"files": {}})
    candidate = Candidate(year, "full", version, "", "", "", "")
    found = public_before(settings, candidate)
    assert [f"{one.year}/v{one.version}" for one in found] == beside
