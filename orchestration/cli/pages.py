"""`csp pages`: Dagster's pages, guarded."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.errors import Unusable, settings_of_today


@click.command()
@click.option("--write", "is_writable", is_flag=True, help="Runs can be started, stopped, deleted.")
@click.option("--port", type=click.IntRange(1, 65535), help="A port of 127.0.0.1.  [default: 3000]")
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    help="A unix socket instead, for a proxy; its folder says who may use it.",
)
@click.option("--daemon", "with_daemon", is_flag=True, help="Schedules and sensors run beside it.")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    default=Path("workspace.yaml"),
    help="What Dagster loads.  [default: workspace.yaml]",
)
def pages(
    is_writable: bool, port: int | None, socket: Path | None, with_daemon: bool, workspace: Path
) -> None:
    """Dagster's pages, read-only, for this account of this machine or for a proxy with a login."""
    from orchestration.defs import pages as served

    if port is not None and socket is not None:
        raise Unusable("--port and --socket are both given; give one")
    served.serve(
        settings_of_today(),
        workspace,
        is_writable=is_writable,
        at=socket or port or 3000,
        with_daemon=with_daemon,
    )
