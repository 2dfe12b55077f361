"""Faults of fire/incidents: what goes wrong between two versions of a partner's own export."""

from __future__ import annotations

import re

from orchestration.synthetic.faults.fault import (
    REFUSED,
    REJECTED_ROWS,
    Fault,
    in_field,
    in_lines,
    in_text,
)

_FEED = "fire/incidents"

FIRE: dict[str, Fault] = {
    "fire_renamed_column": Fault(
        "the new version calls a column otherwise", REFUSED, "missing_column",
        in_text(lambda text: text.replace("call_time", "call_date_time", 1)),
        _FEED, "column “call_date_time” may be meant",
    ),
    "fire_american_dates": Fault(
        "month before day, after a move to another server", REFUSED, "date:call_time",
        in_text(lambda text: re.sub(r"(\d\d)/(\d\d)/(\d{4} )", r"\2/\1/\3", text)),
        _FEED, "dd/MM/yyyy",
    ),
    "fire_email": Fault(
        "an e-mail address in a field of words", REFUSED, "depersonalised",
        in_field(20, 3, "House, owner j.bloggs@example.org"), _FEED, "e-mail",
    ),
    "fire_unknown_type": Fault(
        "an incident type that is not agreed", REJECTED_ROWS, "incident_type_not_allowed",
        in_field(20, 2, "special_service"), _FEED,
    ),
    "fire_extra_column": Fault(
        "a column that nobody agreed to share", REFUSED, "undeclared_column",
        in_lines(lambda lines: [line.rstrip("\n") + (",caller_name" if n == 0 else ",A N Other") + "\n"
                                for n, line in enumerate(lines)]),
        _FEED, "caller_name",
    ),
    "fire_repeated_incident": Fault(
        "an incident stands twice, once for each station", REFUSED, "incident_once",
        in_lines(lambda lines: [*lines, lines[20]]), _FEED,
    ),
}  # fmt: skip
