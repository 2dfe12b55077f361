"""`csp health`: one answer for a monitoring system."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from orchestration.cli.errors import Refused, settings_of_today

_MOST_SECONDS = 300.0  # Dagster's own tolerance of a daemon without a heartbeat


@click.command()
@click.option("--hours", default=30.0, show_default=True, help="How old the last night may be.")
@click.option("--daemon", is_flag=True, help="Also whether the service's daemon is alive.")
@click.option(
    "--backups",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Also the age of the newest archive in this folder.",
)
def health(hours: float, daemon: bool, backups: Path | None) -> None:
    """Say whether the service is well; exit with 1 if it is not. Changes nothing.

    Last night, publication, gate 2, kept bytes, digest and, if asked, daemon and backup.
    """
    from orchestration.alerts import health as asked

    settings = settings_of_today()
    found = asked.findings(settings, timedelta(hours=hours), backups)
    if daemon:
        from orchestration.defs import heartbeat

        ago = heartbeat.seconds_since(settings)
        said = "no heartbeat ever" if ago is None else f"a heartbeat {ago:.0f} s ago"
        found.append(asked.Finding("daemon", ago is not None and ago <= _MOST_SECONDS, said))
    for finding in found:
        click.echo(f"{'ok  ' if finding.is_well else 'FAIL'}  {finding.what}: {finding.sentence}")
    if ill := [finding.what for finding in found if not finding.is_well]:
        raise Refused(f"not well: {', '.join(ill)}")
