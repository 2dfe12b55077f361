"""Reasons that people give outside the workspace and every edition prints, the public one too."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from orchestration.edition.figures.contents import Waiver
from orchestration.edition.freeze import EditionRefused
from orchestration.edition.gate.waivers import WaiverError
from orchestration.edition.gate.wording import is_reason
from orchestration.edition.workspace import plain_text


def hold_reissue(reason: str) -> None:
    """Hold that the reason of a reissue says why, and nothing that the public may not read.

    Raises:
        EditionRefused: it is no reason, or holds personal data or a small number.
    """
    if not is_reason(reason):
        raise EditionRefused("the reason to reissue does not say why; give 20 characters or more")
    if fault := _fault([("the reason to reissue", reason)]):
        raise EditionRefused(fault)


def hold_waivers(waivers: Iterable[Waiver]) -> None:
    """Hold that no waiver's reason says anything that the public may not read.

    Raises:
        WaiverError: one holds personal data or a small number.
    """
    reasons = [(f"the waiver of {one.check} for {one.scope}", one.reason) for one in waivers]
    if fault := _fault(reasons):
        raise WaiverError(fault)


def _fault(reasons: list[tuple[str, str]]) -> str | None:
    texts = pd.DataFrame(reasons, columns=["place", "text"], dtype="string")
    return plain_text.first_fault(texts.assign(is_public=True))
