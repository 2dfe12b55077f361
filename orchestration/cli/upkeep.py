"""`csp fsck` and `csp publish`: whether everything kept is as it was, and the way back."""

from __future__ import annotations

from contextlib import nullcontext

import click

from orchestration.cli import progress
from orchestration.cli.errors import Refused, Unusable, settings_of_today, settings_to_work_with
from orchestration.core.wording import counted


@click.command()
@click.option("--repair", is_flag=True, help="Make again what can be made again.")
@click.option(
    "--share",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Read one file in N, those read longest ago; without it, all.",
)
@click.option("--kept", is_flag=True, help="Only what nothing makes again; writes nothing.")
@click.option("--under-lock", is_flag=True, hidden=True, help="The caller holds the run's lock.")
def fsck(repair: bool, share: int, kept: bool, under_lock: bool) -> None:
    """Check every kept byte against its record: originals, raw, what is published, editions."""
    from orchestration import night
    from orchestration.scrub import fsck as scrub

    settings = settings_of_today()
    with nullcontext() if under_lock else night.alone(settings), progress.shown():
        contracts = night.contracts_of(settings)
        found = scrub.check(settings, contracts, share=share, repair=repair, kept_only=kept)
    for fault in found.faults:
        click.echo(f"{'mended' if not fault.stands else fault.kind}: {fault.sentence}")
    click.echo(
        f"{found.read} of {counted(found.of, 'file')} read; the ledger ends with {found.head[:16]}"
    )
    if found.standing:
        raise Refused(f"{counted(len(found.standing), 'fault')}, named above")


@click.command()
@click.option("--previous", is_flag=True, help="Put the last good publication back.")
@click.option("--by", "name", default="", metavar="NAME", help="Who answers for it.")
@click.option("--reason", default="", metavar="TEXT", help="Why the present one is withdrawn.")
def publish(previous: bool, name: str, reason: str) -> None:
    """Put the previous publication back, in one exchange; recorded with who, when and why.

    It stays until something new has come: a night with nothing new does not undo it.
    """
    from orchestration import night

    if not previous:
        raise Unusable("a night publishes by itself; say --previous to put the last one back")
    settings = settings_to_work_with()
    with night.alone(settings):
        back = night.put_back(settings, night.contracts_of(settings), name, reason)
    click.echo(f"The publication {back} is back.")
