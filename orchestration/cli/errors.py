"""Errors of the command line: one sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from orchestration.core.settings import Settings, SettingsError, from_environment

REFUSED, USAGE = 1, 2


class Refused(click.ClickException):
    """A gate said no."""

    exit_code = REFUSED


class Unusable(click.ClickException):
    """The command cannot be carried out as asked."""

    exit_code = USAGE


def settings_of_today() -> Settings:
    """The settings of the environment, or a sentence that says which of them cannot be used."""
    try:
        return from_environment(os.environ)
    except SettingsError as problem:
        raise Unusable(str(problem)) from problem


def one_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn the errors that people can mend into one sentence and the right exit code."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as problem:
            told = _in_words(problem)
            if told is None:
                raise
            raise told from problem

    return wrapped


def counted(number: int, what: str) -> str:
    """A number of things as people say it: `1 contract`, `3 contracts`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _in_words(problem: Exception) -> click.ClickException | None:
    """What to tell people; `None` for a fault of our own, which keeps its traceback."""
    # Imported here: a command that ends well does not pay for them.
    from orchestration.alerts.items import AlertsError
    from orchestration.contracts.odcs import ContractError
    from orchestration.core.refusal import SourceError
    from orchestration.edition.figures.changes import DoubledCell
    from orchestration.edition.figures.warehouse_tables import UnknownYear
    from orchestration.edition.freeze import EditionRefused
    from orchestration.edition.gate.agreements import AgreementError
    from orchestration.edition.gate.check_register import RuleError
    from orchestration.edition.gate.checklist import GapError
    from orchestration.edition.gate.evidence import EvidenceMissing
    from orchestration.edition.gate.waivers import WaiverError
    from orchestration.edition.package.ods import ConversionFailed
    from orchestration.edition.package.typed_tables import Undeclared
    from orchestration.edition.report.pdf import PdfImpossible
    from orchestration.edition.workspace.analyst_files import WorkspaceError
    from orchestration.edition.workspace.ranking import RankingError
    from orchestration.explain import ExplainError
    from orchestration.night import AnotherRunIsOn
    from orchestration.release.publish import PublicationRefused
    from orchestration.release.verify import BrokenManifest
    from orchestration.synthetic.engine import SampleError
    from orchestration.synthetic.faults.catalogue import UnknownFault
    from orchestration.transform.dbt import BuildError

    if isinstance(problem, PublicationRefused):
        return Refused(f"not published: {problem}")
    if isinstance(problem, EditionRefused):
        return Refused(f"not issued: {problem}")
    if isinstance(
        problem,
        AgreementError
        | AlertsError
        | AnotherRunIsOn
        | BrokenManifest
        | BuildError
        | ContractError
        | ConversionFailed
        | DoubledCell
        | EvidenceMissing
        | ExplainError
        | GapError
        | PdfImpossible
        | RankingError
        | RuleError
        | SampleError
        | SettingsError
        | SourceError
        | Undeclared
        | UnknownFault
        | UnknownYear
        | WaiverError
        | WorkspaceError,
    ):
        return Unusable(str(problem))
    if isinstance(problem, FileExistsError | NotADirectoryError | PermissionError):
        reason = (problem.strerror or "cannot be used").lower()
        return Unusable(f"{problem.filename}: {reason}")
    return None
