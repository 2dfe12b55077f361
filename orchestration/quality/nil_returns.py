"""Nil returns: deliveries without rows, by which a partner states that there was nothing in a period.

Rules on rows, volume and repetition say nothing about them (one nil return has the bytes of any other),
so only this is judged: whether none is plausible beside the feed's other deliveries.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from orchestration.core import formulas, register
from orchestration.core.settings import Settings
from orchestration.quality.outcomes import FAILED, PASSED, RuleOutcome

RULE = "nil_return"


def chance_of_none(others: Sequence[int]) -> float:
    """The probability of no rows at all, by the mean and scatter of the other deliveries' rows.

    Counts that scatter more than chance alone makes them are taken for negative binomial, by the method
    of moments; others for Poisson, which a single delivery is too. Without others nothing is known: 1.
    """
    mean = statistics.fmean(others) if others else 0.0
    if mean == 0:
        return 1.0
    scatter = statistics.variance(others) if len(others) > 1 else mean
    if scatter <= mean:
        return math.exp(-mean)
    return math.exp(math.log(mean / scatter) * mean**2 / (scatter - mean))


def judge(settings: Settings, others: Sequence[int]) -> RuleOutcome:
    """Whether a delivery without rows is taken as a nil return."""
    if 100 * chance_of_none(others) >= least_percent(settings):
        sentence = "the partner states that there was nothing in the period"
        return RuleOutcome(RULE, "critical", PASSED, sentence)
    return RuleOutcome(
        RULE,
        "critical",
        FAILED,
        "the file has a header but no rows, which the feed's other deliveries make implausible; if "
        "there was nothing in the period, tell the partnership",
    )


def least_percent(settings: Settings) -> float:
    """How probable none has to be, in per cent, from the register's thresholds."""
    thresholds = formulas.read_thresholds(register.table(settings, "threshold_register"))
    return thresholds["nil_return_chance_percent"]
