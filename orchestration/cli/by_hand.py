"""`csp dbt`: dbt by hand."""

from __future__ import annotations

import click

from orchestration.cli.errors import Refused, Unusable, settings_of_today


@click.command(
    "dbt", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.option(
    "--fresh", is_flag=True, help="Copy the candidate anew; what was built by hand is gone."
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def dbt_by_hand(fresh: bool, command: tuple[str, ...]) -> None:
    """Run a dbt COMMAND (ls, build, test, show, docs generate, ...) on a copy of the candidate.

    \b
    csp dbt build --select fct_measure+          a model and what follows from it
    csp dbt build --select state:modified+       what was changed since the last night's build
    csp dbt test --select harm                   the tests of a model
    csp dbt show --select harm --limit 5         its first rows
    csp dbt docs generate --static               the project's documentation, one page

    The copy, and what dbt writes, are in CSP_HOME/by_hand; no night reads anything there.
    """
    from orchestration import night
    from orchestration.transform import by_hand

    if not command:
        raise Unusable("say which dbt command, such as: csp dbt build --select harm")
    settings = settings_of_today()
    with night.alone(settings):  # a candidate that is being built is not to be copied
        if by_hand.refresh_copy(settings, is_fresh=fresh):
            click.echo(f"A copy of the candidate is in {by_hand.folder_of(settings)}.", err=True)
    if not by_hand.run(settings, command):
        raise Refused(f"dbt {command[0]} did not pass; the reasons are above")
