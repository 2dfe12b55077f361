"""`csp assess`, `waive` and `explain`: the yearly edition from the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from orchestration.cli import progress
from orchestration.cli.errors import Refused, Unusable, settings_of_today, settings_to_work_with


@click.command()
@click.argument("year")
@click.option("--mode", default="", help="full or refresh; the three-year cycle's own by default.")
@click.option("--sign-off", "name", metavar="NAME", default="", help="Who answers for the edition.")
@click.option("--reissue", "reason", metavar="REASON", default="", help="Issue a new version.")
@click.option("--draft", is_flag=True, help="Render a watermarked draft, whatever gate 3 says.")
def assess(year: str, mode: str, name: str, reason: str, draft: bool) -> None:
    """Build and issue the strategic assessment for YEAR (2025-26), or refuse and say exactly why."""
    settings = settings_to_work_with()  # before what takes seconds to import
    from orchestration import night
    from orchestration.defs.running import run_job
    from orchestration.edition import freeze, summary
    from orchestration.edition import issue as edition
    from orchestration.transform import dbt

    contracts = night.contracts_of(settings)
    with night.alone(settings), progress.shown():
        edition.prepare(settings, year)
        if draft:
            folder, verdict = edition.draft(settings, contracts, year, mode)
            click.echo(summary.in_words(verdict))
            click.echo(f"Draft  {folder}")
            return
        if not name.strip():
            edition.candidate(settings, year, mode, reason)
            verdict = edition.judge(settings, contracts, year)
            click.echo(summary.in_words(verdict))
            if not verdict.allow:
                raise Refused(f"not issued: {summary.first_reason(verdict)}")
            raise Refused("not issued: nobody has signed it off; add --sign-off NAME")
        freeze.hold_signed(name)
        dbt.prepare(settings)
        before = edition.standing(settings, year)
        failure = run_job(
            settings,
            "assessment",
            partition=year,
            config={
                "ops": {
                    "assessment__assessment_candidate": {
                        "config": {"mode": mode, "reissue_reason": reason}
                    },
                    "assessment__strategic_assessment": {"config": {"sign_off": name}},
                }
            },
        )
        latest = edition.last_verdict(settings, year)
        if latest is not None:
            click.echo(summary.in_words(latest))
        if failure is not None:
            if latest is not None and not latest.allow:
                raise Refused(f"not issued: {summary.first_reason(latest)}")
            raise Refused(failure)
        after = edition.standing(settings, year)
        assert after is not None
        was_there = before is not None and before.version == after.version
        click.echo(summary.issued_in_words(after, was_there=was_there))


@click.command()
@click.argument("check")
@click.option("--scope", required=True, help="The one thing that is waived, such as a feed.")
@click.option("--reason", required=True, help="Why the partnership accepts it.")
@click.option("--by", "approver", required=True, help="Who answers for it.")
@click.option("--until", required=True, metavar="DATE", help="The last day on which it is valid.")
def waive(check: str, scope: str, reason: str, approver: str, until: str) -> None:
    """Record a waiver of CHECK in the partnership's folder. It is printed in the edition; one of
    held_measures releases the measure at the next refresh."""
    from orchestration import night
    from orchestration.core import register
    from orchestration.edition import printed_reasons
    from orchestration.quality import waivers
    from orchestration.quality.check_register import load_checks
    from orchestration.quality.waivers import Waiver

    settings = settings_to_work_with()
    try:
        expires = datetime.strptime(until, "%Y-%m-%d").date()
    except ValueError:
        raise Unusable(f"--until is {until!r}; expected a day such as 2026-12-31") from None
    waiver = Waiver(check, scope, reason, approver, expires)
    checks = load_checks(settings.assessment_suites / "gate_3.yaml")
    printed_reasons.hold_waivers([waiver])
    with night.alone(settings):  # of two waivers recorded at once, one would be lost
        waivers.record(
            settings.waivers,
            waiver,
            settings.today,
            checks,
            beside=register.waiver_files(settings),
        )
    click.echo(f"Waived  {check} of {scope} until {until}, by {approver}.")
    click.echo(f"  {settings.waivers}")


@click.command()
@click.argument("measure")
@click.option("--area", metavar="CODE", help="LSOA, ward, district or postcode district.")
@click.option("--period", help="2026-03, 2025-Q2, 2025-26, 2025 or 12m to 2026-03.")
@click.option(
    "--edition",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="An edition's folder: its frozen figure is shown beside today's.",
)
def explain(measure: str, area: str | None, period: str | None, folder: Path | None) -> None:
    """Show where a figure comes from: the deliveries, contracts, models and gates behind it."""
    from orchestration import explain as explaining
    from orchestration.cli import query

    settings = settings_of_today()
    connection = query.open_published(settings)
    click.echo(explaining.of_published(settings, connection, measure, area, period, folder))
