"""Settings, read from the environment once; the only place that knows a `CSP_` variable.

Unknown variables and unknown values raise: a misspelt setting must stop a run, not fall back to a
default that nobody chose.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from orchestration.core.errors import WarehouseError

PACKAGE = Path(__file__).resolve().parents[1]
# A wheel carries dbt_project/, expectations/, seeds/ and deploy/ in a folder of the package (setup.py
# puts them there); in a checkout they lie beside the package.
_CARRIED = PACKAGE / "_project"
IS_INSTALLED = _CARRIED.is_dir()
PROJECT = _CARRIED if IS_INSTALLED else PACKAGE.parent

_KNOWN = {
    "CSP_HOME", "CSP_AREA", "CSP_SOURCE", "CSP_SOURCES", "CSP_NOW",
    "CSP_PSEUDONYM_KEY", "CSP_PSEUDONYM_KEY_FILE", "CSP_VAULT_KEY_FILE",
    "CSP_WAREHOUSE_KEY_FILE",
    "CSP_ALERTS",
    "CSP_DATABASE", "CSP_SCHEDULE",
}  # fmt: skip
PREFIX = "CSP_"
RUN_LOCK = "run.lock"  # in CSP_HOME; whoever holds it is the only run
_DEFAULT_AREA = "E06000021"
_AT_TWO = "0 2 * * *"


class SettingsError(WarehouseError):
    """A setting is unknown, missing or cannot be read. The message is one sentence."""


@dataclass(frozen=True)
class Partnership:
    """The partnership that this warehouse serves: one row of `seeds/areas/partnerships.csv`."""

    area_code: str
    area_name: str
    csp_code: str
    police_force_slug: str


@dataclass(frozen=True)
class Settings:
    """Everything a run needs to know about its surroundings.

    `now` is the clock of the run (UTC); `CSP_NOW` fixes it (`is_replay`) so that a past night can be
    replayed.
    `source` is the folder or URL that extracts are pulled from; `None` means that none is set.
    `sources` is the file that describes a deployment's sources instead (`ingest/sources.py`), and
    `alerts` the one that says whom it tells (`alerts/deployment.py`).
    The keys are for pseudonyms (from a file, or from the environment), and at rest for landing and for
    what is built from it (raw and the candidate).
    `database` is the PostgreSQL address that Dagster keeps its runs in, without a password; `None`
    means SQLite. `schedule` says when the night is, as a cron line in London time.
    """

    home: Path
    partnership: Partnership
    source: str | None
    now: datetime
    project: Path = PROJECT
    is_replay: bool = False
    sources: Path | None = None
    pseudonym_key_file: Path | None = None
    pseudonym_key: str | None = field(default=None, repr=False)
    vault_key_file: Path | None = None
    warehouse_key_file: Path | None = None
    alerts: Path | None = None
    database: str | None = None
    schedule: str = _AT_TWO

    def of_this_moment(self) -> Settings:
        """The same settings with the clock of now, for a process that lives longer than a run."""
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
    def waivers(self) -> Path:
        return self.project / "expectations" / "waivers.yaml"

    @property
    def dbt_project(self) -> Path:
        return self.project / "dbt_project"

    @property
    def seeds(self) -> Path:
        return self.project / "seeds"


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
    return Settings(
        home=Path(environment.get("CSP_HOME") or _default_home()).expanduser().resolve(),
        partnership=_partnership(environment.get("CSP_AREA") or _DEFAULT_AREA),
        source=environment.get("CSP_SOURCE") or None,
        now=_clock(environment.get("CSP_NOW")),
        sources=_sources(environment),
        pseudonym_key_file=_file(environment.get("CSP_PSEUDONYM_KEY_FILE")),
        pseudonym_key=environment.get("CSP_PSEUDONYM_KEY") or None,
        vault_key_file=_file(environment.get("CSP_VAULT_KEY_FILE")),
        warehouse_key_file=_file(environment.get("CSP_WAREHOUSE_KEY_FILE")),
        alerts=_file(environment.get("CSP_ALERTS")),
        database=_database(environment.get("CSP_DATABASE")),
        schedule=_schedule(environment.get("CSP_SCHEDULE")),
        is_replay=bool(environment.get("CSP_NOW")),
    )


def _default_home() -> Path:
    """`var` of the checkout; of the working directory where there is none, only an installed package."""
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


def _partnership(area_code: str) -> Partnership:
    register = PROJECT / "seeds" / "areas" / "partnerships.csv"
    if not re.fullmatch(r"[EW]0\d{7}", area_code):
        raise SettingsError(
            f"CSP_AREA is {area_code!r}; expected a district code such as E06000021"
        )
    with register.open(encoding="utf-8", newline="") as lines:
        rows = {row["area_code"]: row for row in csv.DictReader(lines)}
    if area_code not in rows:
        raise SettingsError(
            f"CSP_AREA is {area_code}, which has no row in seeds/areas/partnerships.csv; add one"
        )
    row = rows[area_code]
    return Partnership(
        area_code=row["area_code"],
        area_name=row["area_name"],
        csp_code=row["csp_code"],
        police_force_slug=row["police_force_slug"],
    )
