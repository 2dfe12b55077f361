"""Settings, read from the environment once; the only place that knows a `CSP_` variable.

Unknown variables and unknown values raise: a misspelt setting must stop a run, not fall back to a
default that was not chosen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import yaml

from orchestration.core import machine, plain_yaml
from orchestration.core.errors import WarehouseError

PACKAGE = Path(__file__).resolve().parents[1]
# A wheel holds dbt_project/, expectations/, seeds/ and deploy/ in a folder of the package (put there
# by setup.py); in a checkout they are beside the package.
_CARRIED = PACKAGE / "_project"
IS_INSTALLED = _CARRIED.is_dir()
PROJECT = _CARRIED if IS_INSTALLED else PACKAGE.parent

_KNOWN = {
    "CSP_HOME", "CSP_AREA", "CSP_PARTNERSHIP", "CSP_SOURCE", "CSP_SOURCES", "CSP_NOW",
    "CSP_PSEUDONYM_KEY", "CSP_PSEUDONYM_KEY_FILE", "CSP_VAULT_KEY_FILE",
    "CSP_WAREHOUSE_KEY_FILE", "CSP_ROLE_KEY_FILE",
    "CSP_ALERTS",
    "CSP_DATABASE", "CSP_SCHEDULE",
    "CSP_WAIT_SECONDS", "CSP_QUERY_SECONDS",
    "CSP_MEMORY_MB", "CSP_THREADS", "CSP_TEMPORARY_MB", "CSP_ENGINE_SECONDS",
}  # fmt: skip
PREFIX = "CSP_"
RUN_LOCK = "run.lock"  # in CSP_HOME; the process that holds it is the only run
IDENTITY = "partnership.yaml"  # in a partnership's folder: its identity
_AT_TWO = "0 2 * * *"
_WAIT_SECONDS, _QUERY_SECONDS, _ENGINE_SECONDS = 600, 300, 3 * 3600
# Shares of what the machine allows. A night opens two engines at a time at most, beside Python and dbt.
_MEMORY_SHARE, _TEMPORARY_SHARE = 0.4, 0.5
_LEAST_MEMORY_MB, _LEAST_TEMPORARY_MB = 256, 256


class SettingsError(WarehouseError):
    """A setting is unknown, missing or cannot be read. The message is one sentence."""


@dataclass(frozen=True)
class Partnership:
    """The partnership that this warehouse serves, as named in its folder's `partnership.yaml`."""

    area_code: str
    area_name: str
    csp_code: str
    csp_name: str
    police_force_code: str
    police_force_name: str
    police_force_slug: str
    fire_authority_code: str
    icb_code: str
    region_code: str


@dataclass(frozen=True)
class Limits:
    """What one DuckDB connection may use: memory and temporary space in MiB, threads, seconds."""

    VARIABLES: ClassVar = (
        "CSP_MEMORY_MB",
        "CSP_THREADS",
        "CSP_TEMPORARY_MB",
        "CSP_ENGINE_SECONDS",
        "CSP_HOME",
    )

    home: Path
    memory_mb: int
    threads: int
    temporary_mb: int
    seconds: int


@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know about its surroundings.

    `now` is the clock of the run (UTC); `CSP_NOW` fixes it (`is_replay`) so that a past night can be
    replayed.
    `source` is the folder or URL that extracts are pulled from; `None` means that none is set.
    `partnership_folder` is the folder with the partnership's decisions that a deployment names; `None`
    means that the shipped one applies, and that decisions are recorded in `CSP_HOME/partnership`.
    `sources` is the file that describes a deployment's sources instead (`ingest/sources.py`), and
    `alerts` the one that lists the recipients of its alerts (`alerts/recipients.py`).
    The keys are for pseudonyms (from a file, or from the environment), and at rest for landing and for
    what is built from it (raw and the candidate); those of roles encrypt copies that are handed out.
    `database` is the PostgreSQL address that Dagster keeps its runs in, without a password; `None`
    means SQLite. `schedule` says when the night is, as a cron line in London time.
    `wait_seconds` is how long a command or a run waits for another to end, `query_seconds` how long a
    query of `csp sql` may take.
    """

    home: Path
    partnership: Partnership
    source: str | None
    now: datetime
    project: Path = PROJECT
    is_replay: bool = False
    partnership_folder: Path | None = None
    sources: Path | None = None
    pseudonym_key_file: Path | None = None
    pseudonym_key: str | None = field(default=None, repr=False)
    vault_key_file: Path | None = None
    warehouse_key_file: Path | None = None
    role_key_file: Path | None = None
    alerts: Path | None = None
    database: str | None = None
    schedule: str = _AT_TWO
    wait_seconds: int = _WAIT_SECONDS
    query_seconds: int = _QUERY_SECONDS

    def of_this_moment(self) -> Settings:
        """The same settings with the current time, for a process that outlives a run."""
        return self if self.is_replay else replace(self, now=datetime.now(UTC))

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def editions(self) -> Path:
        return self.home / "editions"

    @property
    def assessments(self) -> Path:
        return self.home / "assessments"

    @property
    def publications(self) -> Path:
        """Where publications are kept; `published` is a link to one of them."""
        return self.home / ".published"

    @property
    def sample(self) -> Path:
        return self.home / "sample"

    @property
    def contracts(self) -> Path:
        return self.project / "expectations" / "feeds"

    @property
    def mart_suites(self) -> Path:
        return self.project / "expectations" / "marts"

    @property
    def assessment_suites(self) -> Path:
        return self.project / "expectations" / "assessment"

    @property
    def alert_rules(self) -> Path:
        return self.project / "expectations" / "alerts.yaml"

    @property
    def shipped_partnership(self) -> Path:
        return self.seeds / "partnerships" / self.partnership.area_code

    @property
    def recorded(self) -> Path:
        """Where decisions and waivers are recorded."""
        return self.partnership_folder or self.home / "partnership"

    @property
    def waivers(self) -> Path:
        """Where a waiver is recorded."""
        return self.recorded / "waivers.yaml"

    @property
    def assembled_seeds(self) -> Path:
        return self.warehouse / "seeds"

    @property
    def dbt_target(self) -> Path:
        return self.home / "dbt" / "target"

    @property
    def dbt_project(self) -> Path:
        return self.project / "dbt_project"

    @property
    def seeds(self) -> Path:
        return self.project / "seeds"


def limits_from(environment: Mapping[str, str]) -> Limits:
    """The limits of every DuckDB connection: as set, otherwise shares of what the machine allows.

    Raises:
        SettingsError: one of them is no whole number, or is too small to work with.
    """
    memory = max(int(machine.memory() * _MEMORY_SHARE) >> 20, _LEAST_MEMORY_MB)
    room = machine.free_space(_home(environment))
    temporary = max(int(room * _TEMPORARY_SHARE) >> 20, _LEAST_TEMPORARY_MB)
    return Limits(
        home=_home(environment),
        memory_mb=_whole(environment, "CSP_MEMORY_MB", memory, _LEAST_MEMORY_MB),
        threads=_whole(environment, "CSP_THREADS", machine.cores(), 1),
        temporary_mb=_whole(environment, "CSP_TEMPORARY_MB", temporary),
        seconds=_whole(environment, "CSP_ENGINE_SECONDS", _ENGINE_SECONDS, 1),
    )


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings from `environment`.

    Raises:
        SettingsError: a `CSP_` variable is unknown or its value cannot be used.
    """
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in _KNOWN)
    if unknown:
        raise SettingsError(
            f"unknown setting {unknown[0]}; the settings are {', '.join(sorted(_KNOWN))}"
        )
    if environment.get("CSP_PSEUDONYM_KEY") and environment.get("CSP_PSEUDONYM_KEY_FILE"):
        raise SettingsError("CSP_PSEUDONYM_KEY and CSP_PSEUDONYM_KEY_FILE are both set; set one")
    limits_from(
        environment
    )  # a limit that cannot be used stops the run here, not at its first query
    named = _partnership_folder(environment.get("CSP_PARTNERSHIP"))
    return Settings(
        home=_home(environment),
        partnership=_partnership(named, environment.get("CSP_AREA") or None),
        partnership_folder=named,
        source=environment.get("CSP_SOURCE") or None,
        now=_clock(environment.get("CSP_NOW")),
        sources=_sources(environment),
        pseudonym_key_file=_file(environment.get("CSP_PSEUDONYM_KEY_FILE")),
        pseudonym_key=environment.get("CSP_PSEUDONYM_KEY") or None,
        vault_key_file=_file(environment.get("CSP_VAULT_KEY_FILE")),
        warehouse_key_file=_file(environment.get("CSP_WAREHOUSE_KEY_FILE")),
        role_key_file=_file(environment.get("CSP_ROLE_KEY_FILE")),
        alerts=_file(environment.get("CSP_ALERTS")) or _alerts_in(named),
        database=_database(environment.get("CSP_DATABASE")),
        schedule=_schedule(environment.get("CSP_SCHEDULE")),
        wait_seconds=_whole(environment, "CSP_WAIT_SECONDS", _WAIT_SECONDS),
        query_seconds=_whole(environment, "CSP_QUERY_SECONDS", _QUERY_SECONDS, 1),
        is_replay=bool(environment.get("CSP_NOW")),
    )


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("CSP_HOME") or _default_home()).expanduser().resolve()


def _default_home() -> Path:
    """`var` in the checkout, or in the working directory if the package is installed without one."""
    return (Path.cwd() if IS_INSTALLED else PROJECT) / "var"


def _database(text: str | None) -> str | None:
    if not text:
        return None
    try:
        address = urlsplit(text)
        has_password = address.password is not None or "password" in parse_qs(address.query)
    except ValueError:
        has_password, address = False, urlsplit("")
    if has_password:
        raise SettingsError(
            "CSP_DATABASE holds a password; put it into the file that PGPASSFILE names"
        )
    if address.scheme != "postgresql":
        raise SettingsError("CSP_DATABASE is not an address like postgresql:///csp")
    return text


def _schedule(text: str | None) -> str:
    if not text:
        return _AT_TWO
    if not re.fullmatch(r"[\d*/,-]+( [\d*/,-]+){4}", text):
        raise SettingsError(f"CSP_SCHEDULE is {text!r}; expected a cron line such as {_AT_TWO!r}")
    return text


def _whole(environment: Mapping[str, str], name: str, otherwise: int, least: int = 0) -> int:
    text = environment.get(name) or str(otherwise)
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < least:
        raise SettingsError(f"{name} is {text!r}; expected a whole number, {least} or more")
    return int(text)


def _file(text: str | None) -> Path | None:
    return Path(text).expanduser().resolve() if text else None


def _sources(environment: Mapping[str, str]) -> Path | None:
    if not environment.get("CSP_SOURCES"):
        return None
    if environment.get("CSP_SOURCE"):
        raise SettingsError("CSP_SOURCE and CSP_SOURCES are both set; set one")
    path = Path(environment["CSP_SOURCES"]).expanduser().resolve()
    if not path.is_file():
        raise SettingsError(f"CSP_SOURCES names {path.name}, which is not a file")
    return path


def _clock(text: str | None) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"CSP_NOW is {text!r}; expected an ISO date or date and time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_partnership(path: Path) -> dict[str, Any]:
    """The contents of a `partnership.yaml`, whose keys must be known; identity values are text.

    Raises:
        SettingsError: it is not YAML of keys and values, or has an unknown key.
    """
    try:
        document = plain_yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise SettingsError(f"{IDENTITY} of the partnership's folder cannot be read") from problem
    document = {} if document is None else document
    known = {entry.name for entry in fields(Partnership)}
    if not isinstance(document, dict) or not isinstance(document.get("leave_out", {}), dict):
        raise SettingsError(
            f"{IDENTITY} of the partnership's folder is not written as keys and values"
        )
    if unknown := sorted(str(key) for key in set(document) - known - {"leave_out"}):
        raise SettingsError(
            f"{IDENTITY} of the partnership's folder has the unknown key {unknown[0]}"
        )
    return document


def _partnership_folder(text: str | None) -> Path | None:
    if not text:
        return None
    folder = Path(text).expanduser().resolve()
    if not (folder / IDENTITY).is_file():
        raise SettingsError(
            f"CSP_PARTNERSHIP names {folder.name}, which is no folder with a {IDENTITY}"
        )
    return folder


def _alerts_in(folder: Path | None) -> Path | None:
    """The alerts file in a partnership's folder; `CSP_ALERTS` takes precedence over it."""
    path = None if folder is None else folder / "alerts.yaml"
    return path if path is not None and path.is_file() else None


def _partnership(named: Path | None, area_code: str | None) -> Partnership:
    if area_code is not None and not re.fullmatch(r"[EW]0\d{7}", area_code):
        raise SettingsError(
            f"CSP_AREA is {area_code!r}; expected a district code: E or W, 0, and seven digits"
        )
    folder = named or _shipped(area_code)
    content = read_partnership(folder / IDENTITY)
    names = [entry.name for entry in fields(Partnership)]
    if lacking := [name for name in names if not isinstance(content.get(name), str)]:
        raise SettingsError(f"{IDENTITY} of the partnership's folder has no {lacking[0]} (as text)")
    found = Partnership(**{name: content[name] for name in names})
    if area_code not in (None, found.area_code):
        raise SettingsError(
            f"CSP_AREA is {area_code} and the folder that CSP_PARTNERSHIP names is of "
            f"{found.area_code} ({found.area_name}); set one of them"
        )
    return found


def _shipped(area_code: str | None) -> Path:
    """The shipped folder of an area, or without an area the only folder shipped."""
    shipped = PROJECT / "seeds" / "partnerships"
    folders = sorted(path.parent for path in shipped.glob(f"*/{IDENTITY}"))
    chosen = [path for path in folders if area_code in (None, path.name)]
    if not chosen:
        raise SettingsError(
            f"CSP_AREA is {area_code}, for which no partnership is shipped in seeds/partnerships; "
            "name its folder with CSP_PARTNERSHIP"
        )
    if len(chosen) > 1:
        raise SettingsError(
            "several partnerships are shipped; say which with CSP_AREA: "
            + ", ".join(path.name for path in chosen)
        )
    return chosen[0]
