"""`csp sources check`: whether every source can be reached, and what it holds."""

from __future__ import annotations

import click

from orchestration.cli.errors import Refused, Unusable, settings_of_today
from orchestration.core.wording import counted
from orchestration.ingest.landing.pull_record import Pull

_SHOWN = 5  # sentences about one source


@click.group()
def sources() -> None:
    """Where extracts are pulled from."""


@sources.command("check")
def check() -> None:
    """Connect to every source and list it: what a pull would take, and what stands in its way.

    Nothing is taken, and nothing changed.
    """
    from orchestration import extracts, night

    settings = settings_of_today()
    found = extracts.look_at_sources(settings, night.contracts_of(settings))
    if not found:
        raise Unusable(
            "no source is set, so the synthetic city is pulled while nothing real has come; name a folder "
            "in CSP_SOURCE or a file in CSP_SOURCES"
        )
    for name, result in found.items():
        click.echo(f"{name}: {_in_words(result)}")
        for sentence in _sentences(result)[:_SHOWN]:
            click.echo(f"  {sentence}")
    failed = [name for name, result in found.items() if result.problems]
    if failed:
        raise Refused(f"{counted(len(failed), 'source')} with a problem: {', '.join(failed)}")


def _in_words(result: Pull) -> str:
    if any(not problem.file for problem in result.problems) and not (result.landed or result.known):
        return "cannot be used"
    parts = [f"{len(result.landed)} new", f"{result.known} known"]
    if result.undeclared:
        parts.append(f"{counted(len(result.undeclared), 'file')} of no contract")
    return ", ".join(parts)


def _sentences(result: Pull) -> list[str]:
    told = (result.misdated, result.unsettled, result.no_data, result.masked)
    return [
        *(f"{problem.kind}: {problem.sentence}" for problem in result.problems),
        *(line for lines in told for line in lines),
    ]
