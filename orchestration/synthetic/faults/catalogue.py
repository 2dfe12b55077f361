"""Named faults: what partners do to files, each with its expected outcome.

A fault changes one file of a sample in place; tests check every fault against its outcome. A new one
is an entry in one of the tables beside this module, whatever the feed and its format.
"""

from __future__ import annotations

from orchestration.synthetic.faults.council import COUNCIL
from orchestration.synthetic.faults.fault import (
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
from orchestration.synthetic.faults.fire import FIRE
from orchestration.synthetic.faults.health import HEALTH
from orchestration.synthetic.faults.partners import PARTNERS
from orchestration.synthetic.faults.police import POLICE
from orchestration.synthetic.faults.street_crime import STREET_CRIME

__all__ = [
    "ACCEPTED", "FAULTS", "MISDATED", "MISSING", "REFUSED", "REJECTED_ROWS", "UNDECLARED", "WARNED",
    "Fault", "UnknownFault",
]  # fmt: skip

FAULTS: dict[str, Fault] = {
    **STREET_CRIME, **POLICE, **FIRE, **COUNCIL, **HEALTH, **PARTNERS,
}  # fmt: skip
