"""`csp digest`: what each recipient gets this morning, shown or sent, as by the service."""

from __future__ import annotations

import click

from orchestration.cli.errors import Refused, settings_to_work_with
from orchestration.core.wording import counted


@click.command()
@click.option("--send", is_flag=True, help="Send the digests; without it, show them.")
def digest(send: bool) -> None:
    """Show what each recipient gets this morning."""
    settings = settings_to_work_with()  # before what takes seconds to import
    from orchestration import night
    from orchestration.alerts.send import FAILED
    from orchestration.core.files import NotWritable
    from orchestration.defs import alerts, instance

    contracts = night.contracts_of(settings)
    if not send:
        if settings.alerts is None:
            click.echo(
                "CSP_ALERTS names no recipients: nothing is sent. An engineer would get:", err=True
            )
        try:
            with instance.looked_at(settings) as runs:
                found = alerts.show_now(settings, contracts, runs)
        except NotWritable as problem:  # SQLite cannot be opened there, and all else can be read
            click.echo(f"Without the runs that failed: {problem}.", err=True)
            found = alerts.show_now(settings, contracts, None)
        for preview in found:
            if preview.digest is None:
                click.echo(f"{preview.recipient}: nothing to tell, so nothing would be sent.")
            else:
                click.echo(f"{preview.digest.subject}\n\n{preview.digest.text}")
        return
    with instance.connected(settings) as runs:
        outcomes = alerts.send_now(settings, contracts, runs)
    for outcome in outcomes:
        why = f": {outcome.sentence}" if outcome.sentence else ""
        click.echo(f"{outcome.recipient}  {outcome.state}{why}")
    if failed := [outcome for outcome in outcomes if outcome.state == FAILED]:
        raise Refused(
            f"{counted(len(failed), 'digest')} not delivered; the next one tells it again"
        )
