"""`csp upgrade`: migrates what an older release left in the home."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.errors import settings_of_today
from orchestration.core.wording import counted


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option(
    "--waivers",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Record the waivers of an older checkout's expectations/waivers.yaml.",
)
def upgrade(dry_run: bool, file: Path | None) -> None:
    """Put right what an older release left in the home; a copy of each changed file is kept."""
    from orchestration import night
    from orchestration.cli import home_upgrade
    from orchestration.quality.check_register import load_checks

    settings = settings_of_today()
    with night.alone(settings):
        wanted = home_upgrade.changes(settings)
        checks = load_checks(settings.assessment_suites / "gate_3.yaml")
        standing, expired = (
            ([], []) if file is None else home_upgrade.to_import(settings, file, checks)
        )
        if not dry_run:
            home_upgrade.apply(settings, wanted)
            home_upgrade.record(settings, standing, checks)
    for change in wanted:
        click.echo(f"{change.path.relative_to(settings.home)}: {change.why}")
    for waiver in standing:
        click.echo(f"waiver of {waiver.check} of {waiver.scope} until {waiver.expires}")
    for waiver in expired:
        click.echo(f"waiver of {waiver.check} of {waiver.scope} expired: not recorded")
    number = len(wanted) + len(standing)
    if not number:
        click.echo("The home is as this release wants it.")
        return
    click.echo(f"{counted(number, 'change')} {'would be made' if dry_run else 'made'}")
