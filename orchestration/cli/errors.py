"""Command line errors: one sentence and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
from typing import Any

import click

from orchestration.core import exhausted
from orchestration.core.errors import REFUSED, USAGE, WarehouseError
from orchestration.core.settings import Settings, from_environment


class Refused(click.ClickException):
    """A gate refused."""

    exit_code = REFUSED


class Unusable(click.ClickException):
    """The command cannot be carried out as asked."""

    exit_code = USAGE


def settings_of_today() -> Settings:
    """The settings from the environment.

    Raises:
        SettingsError: a setting cannot be used.
    """
    return from_environment(os.environ)


def settings_to_work_with() -> Settings:
    """The settings from the environment, for a command whose result depends on the time.

    Raises:
        SettingsError: a setting cannot be used, or no result could be right at this time.
    """
    from orchestration.ingest.landing import clock  # the quickest commands do without

    settings = settings_of_today()
    clock.require_believable(settings)
    return settings


class OneSentence(click.Group):
    """A group whose commands report the errors that users can correct in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; any other error keeps its traceback."""
        try:
            return super().invoke(ctx)
        except WarehouseError as problem:
            kind = Refused if problem.exit_code == REFUSED else Unusable
            raise kind(problem.report()) from problem
        except (FileExistsError, NotADirectoryError, PermissionError) as problem:
            reason = (problem.strerror or "cannot be used").lower()
            raise Unusable(f"{problem.filename}: {reason}") from problem
        except OSError as problem:
            if problem.errno != errno.EROFS:
                if (found := exhausted.sentence(problem)) is None:
                    raise
                raise Unusable(found) from problem
            raise Unusable(
                f"{problem.filename}: the file system is read-only, and this command writes there; "
                "mount it writable, or set CSP_HOME to a folder that is"
            ) from problem
        except Exception as problem:
            if (found := exhausted.sentence(problem)) is None:
                raise
            raise Unusable(found) from problem
