"""`csp erase`: takes one delivery, or one person's rows, out of everything the warehouse keeps."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from orchestration.cli.errors import Refused, Unusable, settings_to_work_with
from orchestration.core.vocabulary import GROUNDS
from orchestration.core.wording import counted


@click.command()
@click.argument("delivery", required=False)
@click.option(
    "--person",
    is_flag=True,
    help="One person's rows; the pseudonym or value is asked for, or read from standard input.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--ground", type=click.Choice(list(GROUNDS)), help="Why it has to go.")
@click.option("--by", metavar="NAME", default="", help="Who answers for it: a person or a role.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@click.option("--now", "at_once", is_flag=True, help="Run the night afterwards and publish anew.")
@click.option("--list", "listed", is_flag=True, help="List what was erased.")
def erase(
    delivery: str | None,
    person: bool,
    dry_run: bool,
    ground: str | None,
    by: str,
    yes: bool,
    at_once: bool,
    listed: bool,
) -> None:
    """Erase DELIVERY (as `csp status` or governance.deliveries names it), or a person's rows, for good.

    Originals, reports, raw, candidate and older publications go at once; what is published is made again
    in the next night, or with --now. Editions stay as issued, and `csp verify` says so.
    """
    from orchestration import erasure, night
    from orchestration.defs import erased_runs
    from orchestration.defs.running import run_job
    from orchestration.ingest.landing import erased
    from orchestration.transform import dbt

    settings = settings_to_work_with()
    if listed:
        for entry in erased.ledger(settings).entries():
            click.echo(_record(entry))
        return
    if person == (delivery is not None):
        raise Unusable("name one delivery, or say --person")
    if not dry_run:
        _hold(ground, by, yes=yes)
    sought = erasure.Person(_asked()) if person else None
    contracts = night.contracts_of(settings)
    with night.alone(settings):
        plan = (
            erasure.of_delivery(settings, str(delivery))
            if sought is None
            else erasure.of_person(settings, contracts, sought)
        )
        click.echo("\n".join(erasure.in_words(plan)))
        if dry_run:
            click.echo("Nothing was erased: this was a dry run.")
            return
        if not yes:
            click.confirm("This cannot be undone. Erase it?", abort=True)
        done = erasure.carry_out(settings, contracts, plan, str(ground), by)
        runs = erased_runs.forget(settings, plan.gone)
        click.echo(_record(done.entry))
        click.echo(f"{counted(runs.runs, 'run')} of Dagster that named it went as well.")
        if not runs.is_clean:
            click.echo(
                "Dagster had its files open; stop its service and erase again to clear them."
            )
        partners = sorted({gone.receipt.feed.split("/")[0] for gone in plan.gone})
        click.echo(f"Tell {', '.join(partners)}: what is sent again in another file is kept again.")
        if not at_once:
            click.echo("Figures made with it stay published until the next csp refresh.")
            return
        dbt.prepare(settings)
        if (failure := run_job(settings, "nightly")) is not None:
            raise Refused(failure)


def _hold(ground: str | None, by: str, *, yes: bool) -> None:
    """Refuse an erasure that nobody answers for, or that nobody can be asked about once more."""
    if ground is None or not by:
        said = ", ".join(GROUNDS)
        raise Unusable(f"say why and who answers for it: --ground ({said}) and --by NAME")
    if not yes and not sys.stdin.isatty():
        raise Unusable("nobody can be asked whether to go on; look with --dry-run, then add --yes")


def _asked() -> str:
    """The pseudonym or value, never shown: from a prompt, or the first line of standard input."""
    text = (
        click.prompt("Pseudonym, or the value as the partner writes it", hide_input=True)
        if sys.stdin.isatty()
        else sys.stdin.readline()
    )
    return str(text).strip()


def _record(entry: Mapping[str, Any]) -> str:
    """An entry of the ledger in one line."""
    number = len(entry["deliveries"])
    return (
        f"Erased on {entry['at'][:10]} {GROUNDS[entry['ground']]}, by {entry['by']}: "
        f"{counted(number, 'delivery', 'deliveries')}; backups may hold it until {entry['backups_until']}"
    )
