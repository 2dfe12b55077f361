"""Reasons given outside the workspace that every edition prints, including the public one."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from orchestration.edition.freeze import EditionRefused
from orchestration.edition.workspace import plain_text
from orchestration.quality.statements import is_reason
from orchestration.quality.waivers import Waiver, WaiverError


def hold_reissue(reason: str) -> None:
    """Require that the reason for a reissue is a reason, and fit for publication.

    Raises:
        EditionRefused: it is not a reason, or contains personal data or a small number.
    """
    if not is_reason(reason):
        raise EditionRefused("the reason to reissue does not say why; give 20 characters or more")
    if fault := _fault([("the reason to reissue", reason)]):
        raise EditionRefused(fault)


def hold_waivers(waivers: Iterable[Waiver]) -> None:
    """Require that every waiver's reason is fit for publication.

    Raises:
        WaiverError: one contains personal data or a small number.
    """
    reasons = [(f"the waiver of {one.check} for {one.scope}", one.reason) for one in waivers]
    if fault := _fault(reasons):
        raise WaiverError(fault)


def _fault(reasons: list[tuple[str, str]]) -> str | None:
    texts = pd.DataFrame(reasons, columns=["place", "text"], dtype="string")
    return plain_text.first_fault(texts.assign(is_public=True))
