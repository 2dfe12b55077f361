"""Named faults: what partners do to files, each with the outcome that it must give.

A fault changes one file of a sample in place; tests hold every fault to its outcome. A new one is an
entry in a table here beside, whatever the feed and its format.
"""

from __future__ import annotations

from orchestration.synthetic.fault import (
    ACCEPTED,
    MISDATED,
    MISSING,
    REFUSED,
    REJECTED_ROWS,
    UNDECLARED,
    WARNED,
    Fault,
    UnknownFault,
)
from orchestration.synthetic.faults_council import COUNCIL
from orchestration.synthetic.faults_fire import FIRE
from orchestration.synthetic.faults_health import HEALTH
from orchestration.synthetic.faults_partners import PARTNERS
from orchestration.synthetic.faults_police import POLICE
from orchestration.synthetic.faults_street_crime import STREET_CRIME

__all__ = [
    "ACCEPTED", "FAULTS", "MISDATED", "MISSING", "REFUSED", "REJECTED_ROWS", "UNDECLARED", "WARNED",
    "Fault", "UnknownFault",
]  # fmt: skip

FAULTS: dict[str, Fault] = {
    **STREET_CRIME, **POLICE, **FIRE, **COUNCIL, **HEALTH, **PARTNERS,
}  # fmt: skip
