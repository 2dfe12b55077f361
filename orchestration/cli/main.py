"""`csp`: the warehouse from the command line.

Exit codes: 0 done, 1 refused by a gate, 2 usage or configuration error. Errors are one sentence.
Thin on purpose: every command calls the functions that Dagster wires, or Dagster itself.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from orchestration.cli import progress
from orchestration.cli.areas import areas
from orchestration.cli.assessment import assess, explain, waive
from orchestration.cli.by_hand import dbt_by_hand
from orchestration.cli.digest import digest
from orchestration.cli.erase import erase
from orchestration.cli.errors import (
    OneSentence,
    Refused,
    Unusable,
    settings_of_today,
    settings_to_work_with,
)
from orchestration.cli.health import health
from orchestration.cli.pages import pages
from orchestration.cli.sources import sources
from orchestration.cli.upgrade import upgrade
from orchestration.cli.upkeep import fsck, publish
from orchestration.core.wording import counted


@click.group(cls=OneSentence)
@click.version_option(package_name="community-safety-warehouse", prog_name="csp")
def csp() -> None:
    """The community safety data warehouse."""
    os.umask(0o077)  # databases and logs written by libraries are also readable by the owner only


for command in (
    areas,
    assess,
    digest,
    erase,
    explain,
    waive,
    upgrade,
    pages,
    fsck,
    publish,
    dbt_by_hand,
    sources,
    health,
):
    csp.add_command(command)


@csp.command()
@click.option("--from", "source", metavar="DIR", help="Pull every feed whose files are under DIR.")
@click.option(
    "--only", metavar="FEED", multiple=True, help="Pull only this feed (may be repeated)."
)
@click.option(
    "--full",
    "is_full",
    is_flag=True,
    help="Build every table again, also what nothing new has come for.",
)
def refresh(source: str | None, only: tuple[str, ...], is_full: bool) -> None:
    """Run the night: pull, gate 1, build, gate 2, publish."""
    from orchestration import extracts, night
    from orchestration.cli import summary
    from orchestration.quality import gate_two
    from orchestration.transform import dbt

    settings = settings_to_work_with()
    if source is not None:
        settings = replace(
            settings, source=str(Path(source).resolve()) if "://" not in source else source
        )
    contracts = night.contracts_of(settings)
    unknown = [
        feed
        for feed in only
        if feed not in contracts and feed not in {c.name for c in contracts.values()}
    ]
    if unknown:
        raise Unusable(f"unknown feed {unknown[0]}; the feeds are {', '.join(contracts)}")
    with night.alone(settings), progress.shown():
        needed, pulled = night.work(settings, contracts, only), None
        if needed.is_to_ask:
            pulled = extracts.pull(settings, contracts, only)
            needed = night.work(settings, contracts, only, is_pulled=True)
        if not needed.is_needed and not is_full:
            click.echo("Nothing is new; what is published is up to date.")
            click.echo(summary.text(settings, contracts))
            return
        why = [*needed.reasons, *(["every table is built again"] if is_full else [])]
        click.echo(f"Running the night: {'; '.join(why)}.")
        # Imported here: it takes longer than all that a run with nothing new does.
        from orchestration.defs.running import run_job

        dbt.prepare(settings)
        before = gate_two.judged_at(settings)
        failure = run_job(settings, "nightly", only=only, pulled=pulled, is_full=is_full)
        is_judged = gate_two.judged_at(settings) != before
    click.echo(summary.text(settings, contracts, is_judged=failure is None or is_judged))
    if failure is not None:
        raise Refused(failure)


@csp.command()
def prepare() -> None:
    """Make the dbt manifest that the Dagster definitions are built from, and the Dagster home."""
    from orchestration.defs import instance
    from orchestration.transform import dbt

    settings = settings_of_today()
    instance.prepare_home(settings)
    click.echo("dbt manifest made" if dbt.prepare(settings) else "dbt manifest is up to date")


@csp.command()
def home() -> None:
    """Print the folder that holds everything the warehouse writes (CSP_HOME)."""
    click.echo(settings_of_today().home)


@csp.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def status(as_json: bool) -> None:
    """Feeds by period: delivered, refused, missing, not due; gates; what is published."""
    from orchestration import night
    from orchestration.cli import summary

    settings = settings_to_work_with()
    contracts = night.contracts_of(settings)
    click.echo(
        summary.as_json(settings, contracts) if as_json else summary.grid(settings, contracts)
    )


@csp.command()
@click.argument("query", required=False)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table"
)
def sql(query: str | None, form: str) -> None:
    """Query the published database, read-only. Without QUERY: a prompt."""
    from orchestration.cli import query as reader

    settings = settings_of_today()
    connection = reader.open_published(settings)
    if query is None:
        reader.prompt(connection, settings.query_seconds)
        return
    if form == "parquet" and sys.stdout.isatty():
        raise Unusable("parquet is not for a terminal; send it to a file with >")
    reader.run(connection, query, form, sys.stdout.buffer, settings.query_seconds)
    if not sys.stdout.isatty():
        # Beside the answer, not in it: a line of comment in a CSV file would break every program.
        click.echo(reader.handling(connection), err=True)


@csp.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify(folder: Path) -> None:
    """Check a published FOLDER, or an edition's, against its own manifest."""
    from orchestration import erasure
    from orchestration.ingest.readers import raw_files
    from orchestration.release.verify import differences

    found = differences(folder)
    if found:
        raise Refused(f"not as published: {'; '.join(found[:5])}")
    settings = settings_of_today()
    is_own = settings.published.exists() and folder.resolve() == settings.published.resolve()
    if is_own and (rotten := raw_files.rotten(settings)):
        what = "; ".join(rotten[:5])
        raise Refused(f"the files are as published, but not what they were made from: {what}")
    click.echo("All files are as published.")
    for line in erasure.inputs_erased(settings, folder):
        click.echo(f"Note: {line}.")


@csp.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--seed", type=int, help="Another seed gives another city.")
@click.option("--months", type=click.IntRange(min=1), help="Only the newest months.")
@click.option(
    "--fault", "faults", metavar="NAME", multiple=True, help="Spoil the newest file of its feed."
)
@click.option("--only", metavar="FEED", multiple=True, help="Only this feed (may be repeated).")
@click.option("--list-faults", is_flag=True, help="Name the faults and what each must lead to.")
def sample(
    folder: Path | None,
    seed: int | None,
    months: int | None,
    faults: tuple[str, ...],
    only: tuple[str, ...],
    list_faults: bool,
) -> None:
    """Write synthetic extracts to FOLDER."""
    from orchestration.synthetic import sample as synthetic
    from orchestration.synthetic.faults import catalogue as known

    if list_faults:
        for name, fault in known.FAULTS.items():
            rule = f" by {fault.rule}" if fault.rule else ""
            click.echo(f"{name:24} {fault.feed}: {fault.summary}; {fault.outcome}{rule}")
        return
    if folder is None:
        raise Unusable("FOLDER is missing; say where the extracts go")
    settings = settings_of_today()
    files = synthetic.write(
        settings,
        folder,
        seed=synthetic.DEFAULT_SEED if seed is None else seed,
        months=months,
        faults=faults,
        only=only,
    )
    click.echo(f"{len(files)} SYNTHETIC files in {folder}")


@csp.command()
@click.option("--dry-run", is_flag=True, help="Only report what would be deleted.")
@click.option(
    "--clock-is-right", is_flag=True, help="Confirm the date, long after the newest delivery."
)
def purge(dry_run: bool, clock_is_right: bool) -> None:
    """Delete deliveries past their retention date, with a record of each."""
    from orchestration import night
    from orchestration.ingest.landing import purge as purging

    settings = settings_to_work_with()
    with night.alone(settings):
        contracts = night.contracts_of(settings)
        if dry_run:
            found = purging.due(settings, contracts)
        else:
            found = purging.purge(settings, contracts, clock_is_right=clock_is_right)
    for entry in found:
        click.echo(f"{entry.receipt.feed} {entry.receipt.delivery_id}: {entry.why}")
    click.echo(f"{counted(len(found), 'file')} {'would go' if dry_run else 'purged'}")


@csp.command()
def roles() -> None:
    """Who may see what of a publication, and what each role was given last."""
    from orchestration.release import roles as given

    settings = settings_of_today()
    last = given.last_given(settings)
    listed = given.listed(settings)
    if not listed:
        click.echo("No roles are listed (publication_roles.csv): the home's group reads all of it.")
    for role in listed:
        subjects = f" {', '.join(role.subjects)}" if role.subjects else ""
        click.echo(f"{role.name}: {role.kind}{subjects}, group {role.group}")
        if (entry := last.get(role.name)) is not None:
            members = ", ".join(entry["members"]) or "nobody"
            rows = sum(entry["tables"].values())
            tables = counted(len(entry["tables"]), "table")
            click.echo(
                f"  given on {entry['at'][:10]}: {tables}, {rows:,} rows; in the group: {members}"
            )


@csp.group()
def contract() -> None:
    """The feeds' contracts."""


@contract.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def contract_check(files: tuple[Path, ...]) -> None:
    """Check contracts against the standard, extracts made by them, gate 1 and the dbt project.

    Where up to ten FILES are named, each also has to find its counter-examples (csp sample --list-faults).
    """
    from orchestration.quality.contract_check import problems_of, retired_among

    settings = settings_of_today()
    chosen = files or tuple(sorted(settings.contracts.rglob("*.odcs.yaml")))
    found = problems_of(settings, chosen)
    for line in found:
        click.echo(line, err=True)
    if found:
        raise Refused(f"{counted(len(found), 'problem')} in {counted(len(chosen), 'contract')}")
    sound = "is sound" if len(chosen) == 1 else "are sound"
    click.echo(f"{counted(len(chosen), 'contract')} {sound}.")
    if retired := retired_among(chosen):
        click.echo(f"Retired, so that nothing is pulled or expected: {', '.join(retired)}.")


@contract.command("try")
@click.argument("feed")
def contract_try(feed: str) -> None:
    """Try FEED from end to end in a home apart: made up, judged, staged, counted; and what it still lacks."""
    from orchestration import feed_trial, night

    settings = settings_of_today()
    contracts = night.contracts_of(settings)
    chosen = [one for one in contracts.values() if feed in (one.feed, one.name)]
    if len(chosen) != 1:
        raise Unusable(f"unknown feed {feed}; the feeds are {', '.join(contracts)}")
    with progress.shown():
        tried = feed_trial.try_feed(settings, chosen[0], click.echo)
    for line in tried.missing:
        click.echo(f"still missing: {line}")
    for line in tried.wrong:
        click.echo(line, err=True)
    if tried.wrong:
        raise Refused(f"{chosen[0].feed} does not come through")
    click.echo(f"{chosen[0].feed} comes through.")


@contract.command("sync")
def contract_sync() -> None:
    """Write the files of the dbt project that follow from the contracts."""
    from orchestration import night
    from orchestration.core.settings import IS_INSTALLED
    from orchestration.transform import contract_sync

    if IS_INSTALLED:
        raise Unusable("contracts are changed in a checkout, and this package is an installed one")
    settings = settings_of_today()
    changed = contract_sync.sync(night.contracts_of(settings), settings.dbt_project)
    click.echo("\n".join(changed) if changed else "The dbt project follows the contracts.")
