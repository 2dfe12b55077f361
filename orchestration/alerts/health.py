"""Whether the service is well, as a monitoring system asks: from the records in the home alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration import night
from orchestration.alerts import ledger
from orchestration.core.settings import Settings
from orchestration.core.verified import Verified
from orchestration.core.wording import counted
from orchestration.ingest.landing.pull_record import last_pull
from orchestration.quality.gate_two import read_verdict
from orchestration.release.verify import is_intact, known_manifest
from orchestration.scrub import state


@dataclass(frozen=True)
class Finding:
    """One thing that monitoring asks for, and what is so."""

    what: str
    is_well: bool
    sentence: str


def findings(settings: Settings, within: timedelta, backups: Path | None = None) -> list[Finding]:
    """What has to be so for the service to be well. `within`: how old the last night may be.

    `backups` is the folder of the archives, where the newest must be as young.
    """
    found = [
        _pulled(settings, within),
        _published(settings),
        _judged(settings),
        _kept(settings),
        _told(settings),
    ]
    return found if backups is None else [*found, _backed_up(settings, backups, within)]


def age(settings: Settings, at: datetime) -> timedelta:
    """How long ago something was, by the clock of the settings."""
    return settings.now - at


def in_words(ago: timedelta) -> str:
    """An age in minutes, hours or days."""
    minutes = int(ago.total_seconds() // 60)
    if minutes < 120:
        return f"{counted(minutes, 'minute')} ago"
    return f"{minutes // 60} hours ago" if minutes < 72 * 60 else f"{minutes // (24 * 60)} days ago"


def _pulled(settings: Settings, within: timedelta) -> Finding:
    pull = last_pull(settings)
    if pull is None:
        return Finding("night", False, "the sources were never asked")
    ago = age(settings, datetime.fromisoformat(pull["at"]))
    return Finding("night", ago <= within, f"the sources were asked {in_words(ago)}")


def _published(settings: Settings) -> Finding:
    manifest = known_manifest(settings.published)
    if manifest is None:
        return Finding("publication", False, "nothing is published, or its manifest is damaged")
    if not is_intact(settings.published, Verified(settings.home)):
        return Finding("publication", False, "a published file is not as it was published")
    return Finding("publication", True, f"whole, of {manifest['published_at'][:16]}")


def _judged(settings: Settings) -> Finding:
    verdict, build = read_verdict(settings), night.read_build(settings)
    if build is None:
        return Finding("gate 2", False, "the last build did not finish")
    if build.failed:
        return Finding("gate 2", False, f"the last build failed: {build.failed[0]} did not pass")
    if verdict is None or verdict.candidate_sha256 != build.candidate_sha256:
        return Finding("gate 2", False, "there is no verdict on the last build")
    why = "allowed" if verdict.allow else f"held: {verdict.reasons[0]}"
    return Finding("gate 2", verdict.allow, why)


def _kept(settings: Settings) -> Finding:
    checked = state.load(settings)
    if checked is None:
        return Finding("kept bytes", True, "not checked yet; the scrub does so every night")
    standing = checked.standing
    said = (
        f"{counted(len(standing), 'fault')}; csp fsck names them"
        if standing
        else f"sound on {checked.at[:16]}"
    )
    return Finding("kept bytes", not standing, said)


def _told(settings: Settings) -> Finding:
    """Whether the last digest reached everybody; there need not be any recipients."""
    told = ledger.recipients(settings)
    failing = [name for name in told if ledger.read(settings, name).is_failing]
    said = (
        f"it did not reach {', '.join(failing)}"
        if failing
        else f"it reached {counted(len(told), 'recipient')}"
    )
    return Finding("digest", not failing, said)


def _backed_up(settings: Settings, folder: Path, within: timedelta) -> Finding:
    archives = sorted(folder.glob("csp-*.tar.gz"))  # named by their time
    if not archives:
        return Finding("backup", False, f"there is none in {folder.name}")
    if archives[-1].name.endswith("-damaged.tar.gz"):
        return Finding("backup", False, "the newest holds what is not as it was kept")
    ago = datetime.now(UTC) - datetime.fromtimestamp(archives[-1].stat().st_mtime, UTC)
    return Finding("backup", ago <= within, f"the newest is of {in_words(ago)}")
