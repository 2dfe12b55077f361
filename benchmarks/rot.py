"""The rot campaign: bits flipped, files cut off and deleted, of every kind that is kept.

    python -m benchmarks.rot [--seed N] [--tries N]

Half of the tries are in a home without keys, and half in one whose originals, raw and identifiers are under
keys. Each damage is done to a sound home, with the file's size and time kept where a bit flips. Then either
the night's own steps or a scrub come first. Right is: every step ends without an exception; the scrub
notices; receipts and deliveries are as before; and every file that dbt reads holds what it held before, or,
where nothing makes it again, is named. So what would be published is the same without a build for each try.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestration import extracts, night
from orchestration.contracts.odcs import Contract
from orchestration.core import engine, ledger, records
from orchestration.core.files import sha256_of, write_json
from orchestration.core.settings import Settings, from_environment
from orchestration.core.sql import literal
from orchestration.edition import freeze
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.ingest.landing.receipts import receipts
from orchestration.protection import encryption
from orchestration.quality.gate_two import Verdict, verdict_path
from orchestration.release.verify import is_intact
from orchestration.scrub import fsck
from orchestration.synthetic import sample
from orchestration.transform import dbt, manifest

NOW = "2026-11-23T02:00:00+00:00"
FEEDS = ("fire/incidents", "council/asb_case_reviews", "police/section_136")
WITH_IDENTIFIERS = "police/missing_episodes"
_KEYS = ("CSP_PSEUDONYM_KEY_FILE", "CSP_VAULT_KEY_FILE", "CSP_WAREHOUSE_KEY_FILE")
_HASHES = "raw/_manifest/sha256.json"
# Vouched for by nothing, since nothing depends on them; and the scrub's own memory, which it makes again.
_LEFT_OUT = {"dagster", "dbt", "scrub", "published", "sample"}


@dataclass
class Found:
    """What a campaign found: damages by kind of file, those nobody noticed, and what was wrong."""

    tries: Counter[str] = field(default_factory=Counter)
    unnoticed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)


def furnish(settings: Settings) -> None:
    """Put a candidate, two publications and an edition beside what has landed, as a night leaves them."""
    path = dbt.candidate_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"the candidate as dbt left it" * 100)
    build = {"candidate_sha256": sha256_of(path), "inputs": "these", "failed": []}
    records.write(settings.warehouse / "build.json", build)
    records.write(
        verdict_path(settings), vars(Verdict(True, (), build["candidate_sha256"], "these", {}))
    )
    publication(settings, "first")
    publication(settings, "second")
    draft = freeze.scratch_folder(settings.editions, "2024-25")
    for variant in ("official-sensitive", "official"):
        (draft / variant).mkdir()
        (draft / variant / "figures.csv").write_text("measure,n\nincidents,12\n")
        facts = {"edition": "2024-25 version 1", "mode": "full", "data_as_at": "2026-11-23"}
        freeze.write_manifest(draft / variant, facts)
    signed = freeze.SignOff("Chair of the Partnership", settings.now.isoformat())
    freeze.freeze(settings.editions, draft, "2024-25", 1, signed)


def publication(settings: Settings, word: str) -> Path:
    """A publication of one table, as `publish` leaves it, and the present one from now on."""
    draft = settings.home / ".published" / f".part-{word}"
    (draft / "parquet" / "marts").mkdir(parents=True)
    (draft / "warehouse.duckdb").write_bytes(word.encode() * 200)
    (draft / "parquet" / "marts" / "other.parquet").write_bytes(word.encode() * 100)
    files = {
        path.relative_to(draft).as_posix(): {"sha256": sha256_of(path), "size": 1}
        for path in draft.rglob("*")
        if path.is_file()
    }
    write_json(draft / "manifest.json", {"files": files, "inputs": word, "synthetic": True})
    sha256 = sha256_of(draft / "manifest.json")
    final = draft.with_name(f"{word}-{sha256[:8]}")
    draft.rename(final)
    settings.published.unlink(missing_ok=True)
    settings.published.symlink_to(final.relative_to(settings.home), target_is_directory=True)
    known = {"manifest_sha256": sha256, "inputs": word, "at": settings.now.isoformat()}
    ledger.add(settings.home, (ledger.PUBLISHED, final.name, known))
    return final


def kept(settings: Settings) -> list[Path]:
    """Every file that the scrub answers for."""
    found = []
    for path in sorted(settings.home.rglob("*")):
        parts = set(path.relative_to(settings.home).parts)
        if path.is_file() and path.suffix != ".lock" and not parts & _LEFT_OUT:
            found += [path] if path.stat().st_size else []
    return found


def flip(path: Path, place: int, bit: int = 1) -> None:
    """Change bits of one byte as a disk would: the file keeps its size and its time."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.chmod(0o600)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def damage(path: Path, dice: random.Random) -> str:
    """Flip a bit, cut the file off, or delete it; what was done, in a word."""
    size, how = path.stat().st_size, dice.choice(("flip", "flip", "cut", "gone"))
    path.chmod(0o600)
    if how == "gone":
        path.unlink()
    elif how == "cut":
        with path.open("r+b") as stream:
            stream.truncate(dice.randrange(size))
    else:
        flip(path, dice.randrange(size), 1 << dice.randrange(8))
    return how


def campaign(settings: Settings, contracts: Mapping[str, Contract], tries: int, seed: int) -> Found:
    """Damage a home so many times, one file at a time, and put it right from a copy after each."""
    dice, found = random.Random(seed), Found()  # noqa: S311 - chooses bytes, guards nothing
    fsck.check(settings, contracts)
    with tempfile.TemporaryDirectory(prefix="rot-") as folder:
        good = Path(folder) / "good"
        shutil.copytree(settings.home, good, symlinks=True)
        by_kind: dict[str, list[Path]] = {}
        for path in kept(settings):
            by_kind.setdefault(_kind(settings, path), []).append(path)
        for number in range(tries):
            kind = sorted(by_kind)[number % len(by_kind)]
            path = dice.choice(by_kind[kind])
            name, how = path.relative_to(settings.home).as_posix(), damage(path, dice)
            found.tries[kind] += 1
            try:
                _tried(settings, contracts, good, name, how, found, night_first=dice.random() < 0.5)
            except Exception as problem:  # noqa: BLE001 - an exception is what is looked for
                found.tracebacks.append(f"{how} {name}: {type(problem).__name__}: {problem}")
            _restore(settings.home, good)
    return found


def _tried(
    settings: Settings,
    contracts: Mapping[str, Contract],
    good: Path,
    name: str,
    how: str,
    found: Found,
    *,
    night_first: bool,
) -> None:
    """The next steps after a damage, and what is wrong after them."""
    what = f"{how} {name}"
    if night_first:
        _night(settings, contracts)
    was_mended = night_first and (
        name not in _differing(settings.home, good)
        or (_is_raw(name) and _same_rows(settings, settings.home / name, good / name))
        or _is_same_judgement(settings.home / name, good / name)
        or (name == _HASHES and not manifest.damaged(settings))
    )
    if not fsck.check(settings, contracts, repair=True).faults and not was_mended:
        found.unnoticed.append(what)
    with night.alone(settings):
        night.gate_one(settings, contracts, lambda line: None)
    before = replace(settings, home=good)
    if receipts(settings) != receipts(before):
        found.wrong.append(f"{what}: other deliveries")
    states = {
        place.home: [
            (d.receipt.delivery_id, d.state, d.is_current) for d in deliveries(place, contracts)
        ]
        for place in (settings, before)
    }
    if states[settings.home] != states[good]:
        found.wrong.append(f"{what}: deliveries in another state")
    for other in filter(_is_raw, _differing(settings.home, good)):
        if not _same_rows(settings, settings.home / other, good / other):
            found.wrong.append(f"{what}: dbt would read another {other}")
    is_whole = settings.published.exists() and is_intact(settings.published)
    if not is_whole and night.is_published(settings, contracts):
        found.wrong.append(f"{what}: a damaged publication is taken for a good one")


def _night(settings: Settings, contracts: Mapping[str, Contract]) -> None:
    with night.alone(settings):
        night.work(settings, contracts)
        night.gate_one(settings, contracts, lambda line: None)
        night.write_manifest(settings, contracts)


def _differing(home: Path, good: Path) -> list[str]:
    """The kept files that are not as in the sound copy."""
    found = []
    for path in sorted(good.rglob("*")):
        name = path.relative_to(good)
        if not path.is_file() or set(name.parts) & _LEFT_OUT or path.suffix == ".lock":
            continue
        here = home / name
        if not here.is_file() or here.read_bytes() != path.read_bytes():
            found.append(name.as_posix())
    return found


def _is_same_judgement(here: Path, before: Path) -> bool:
    """Whether a record of gate 1 was made again: under a key it names other bytes for the same rows."""
    if here.suffix != ".json" or here.parents[3].name != "raw":
        return False
    made, known = (records.sound(path, records.an_object) for path in (here, before))
    if made is None or known is None:
        return False
    return {**made, "raw_sha256": ""} == {**known, "raw_sha256": ""}


def _is_raw(name: str) -> bool:
    return name.startswith("raw/") and name.endswith(".parquet")


def _same_rows(settings: Settings, here: Path, before: Path) -> bool:
    """Whether a raw file holds the rows that it held: under a key the same rows are other bytes each time."""
    key = encryption.key_of(settings)
    if key is None or not here.is_file():
        return False
    with closing(engine.connect()) as connection:
        encryption.prepare(settings, connection)
        one, other = (
            f"from read_parquet({literal(path)}{encryption.reading(key)})"
            for path in (here, before)
        )
        differing = f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
        return connection.execute(differing).fetchone() == (0,)


def _restore(home: Path, good: Path) -> None:
    shutil.rmtree(home)
    shutil.copytree(good, home, symlinks=True)


def _kind(settings: Settings, path: Path) -> str:
    """The kind of file, for the table: by the folder it is in, and what it is called."""
    top = path.relative_to(settings.home).parts[0]
    return f"{top}/{'record' if path.suffix in ('.json', '.jsonl') else 'file'}"


def small_home(folder: Path, *, keys: bool = False) -> tuple[Settings, dict[str, Contract]]:
    """A home with two months of a few feeds, landed and judged, and all else that is kept."""
    source = folder / "source"
    environment = {"CSP_HOME": str(folder / "home"), "CSP_NOW": NOW, "CSP_SOURCE": str(source)}
    feeds = (*FEEDS, WITH_IDENTIFIERS) if keys else FEEDS
    if keys:
        for name in _KEYS:
            path = folder / name.lower()
            path.write_text(f"first {secrets.token_hex(32)}\n", encoding="utf-8")
            path.chmod(0o600)
            environment[name] = str(path)
    settings = from_environment(environment)
    sample.write(settings, source, months=2, only=feeds)
    every = night.contracts_of(settings)
    contracts = {feed: every[feed] for feed in feeds}
    with night.alone(settings):
        extracts.pull(settings, contracts)
        night.gate_one(settings, contracts, lambda line: None)
        night.write_manifest(settings, contracts)
        furnish(settings)
    return settings, contracts


def concluded(found: Found) -> bool:
    """Print what a campaign found, one line a kind; whether it was all well."""
    for kind, tries in sorted(found.tries.items()):
        print(f"rot: {kind:40} {tries:5} tries")
    for title, lines in (
        ("not noticed", found.unnoticed),
        ("wrong", found.wrong),
        ("traceback", found.tracebacks),
    ):
        for line in lines[:20]:
            print(f"{title}: {line}")
    print(
        f"{found.tries.total()} damaged, {len(found.unnoticed)} not noticed, "
        f"{len(found.wrong)} wrong, {len(found.tracebacks)} tracebacks"
    )
    return not (found.unnoticed or found.wrong or found.tracebacks)


def both(tries: int, seed: int) -> Found:
    """The campaign in a home without keys, then in one with them."""
    found = Found()
    for keys in (False, True):
        with tempfile.TemporaryDirectory(prefix="rot-") as folder:
            one = campaign(*small_home(Path(folder), keys=keys), tries // 2, seed)
        word = "with keys" if keys else "no keys"
        found.tries.update({f"{kind}, {word}": count for kind, count in one.tries.items()})
        found.unnoticed += one.unnoticed
        found.wrong += one.wrong
        found.tracebacks += one.tracebacks
    return found


def main() -> int:
    """Run the campaign; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tries", type=int, default=1000)
    options = parser.parse_args()
    return 0 if concluded(both(options.tries, options.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
