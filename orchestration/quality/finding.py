"""What a check of gate 3 found about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Outcome = Literal["passed", "failed", "errored"]
Severity = Literal["critical", "warning", "info"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class Finding:
    """What one check found about one thing: its scope.

    `detail` is one sentence that names the scope and never a value from the data.

    Raises:
        ValueError: a part is empty, or the outcome or severity is unknown.
    """

    check: str
    scope: str
    outcome: Outcome
    severity: Severity
    detail: str

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"{self.outcome!r} is not an outcome")
        if self.severity not in SEVERITIES:
            raise ValueError(f"{self.severity!r} is not a severity")
        if not (self.check.strip() and self.scope.strip() and self.detail.strip()):
            raise ValueError("a finding needs a check, a scope and a sentence")
        if "\n" in self.detail:
            raise ValueError("a finding is told in one sentence, on one line")

    @property
    def blocks(self) -> bool:
        """A failed critical finding blocks; an errored one blocks at any severity."""
        return self.outcome == "errored" or (
            self.outcome == "failed" and self.severity == "critical"
        )
