"""What the warehouse is made of: known vulnerabilities, licences, and a bill of materials, from the lock.

    python -m benchmarks.supply audit          (make audit)
    python -m benchmarks.supply bill FILE      (make bill)

`audit` is green only if every package of the lock was looked up and has nothing against it, and every
licence is one that `pyproject.toml` accepts. pip-audit alone ends with "No known vulnerabilities found"
where its database does not know a single package, or is not there.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from orchestration.core.settings import PROJECT

LOCK = PROJECT / "requirements.lock"
FOUND, NOT_AUDITED = 1, 3


@dataclass(frozen=True)
class Locked:
    """A package of the lock: its files by hash, what needs it, and for which systems it is there."""

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}"


def locked(text: str) -> list[Locked]:
    """The packages of a lock, in its order."""
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        head = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?: ; ([^\\\n]+))?", block)
        if head is None:
            continue
        via = block.partition("# via")[2].replace("#", "").splitlines()
        needed_by = [line.split()[0] for line in via if line.strip()]
        found.append(
            Locked(
                head[1], head[2], (head[3] or "").strip(),
                tuple(re.findall(r"sha256:([0-9a-f]{64})", block)), tuple(needed_by),
            )
        )  # fmt: skip
    return found


def stated() -> dict[str, Any]:
    """What the project has decided: `[tool.supply]` of pyproject.toml."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, Any] = project["tool"]["supply"]
    return found


# --- vulnerabilities ------------------------------------------------------------------------------


@dataclass
class Judgement:
    """What is against the packages, which were not looked up, and what is accepted for now."""

    against: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        return FOUND if self.against else NOT_AUDITED if self.unknown else 0


def judged(
    report: Any, packages: list[Locked], accepted: list[dict[str, Any]], today: date
) -> Judgement:
    """What pip-audit's report says of these packages; one that it does not mention is unknown.

    An advisory is accepted for a package until a date, with a reason.
    """
    entries = report.get("dependencies", []) if isinstance(report, dict) else []
    seen = {(entry["name"], entry.get("version")): entry.get("vulns") for entry in entries}
    standing = {(a["package"], a["advisory"]): a for a in accepted if a["until"] >= today}
    found = Judgement()
    for package in packages:
        vulnerabilities = seen.get((package.name, package.version))
        if vulnerabilities is None:
            found.unknown.append(package.label)
            continue
        for one in vulnerabilities:
            names = [one["id"], *one.get("aliases", [])]
            taken = [standing[package.name, n] for n in names if (package.name, n) in standing]
            fixed = ", ".join(one.get("fix_versions", [])) or "no version yet"
            line = f"{package.label}: {one['id']}, put right in {fixed}"
            if taken:
                until, reason = taken[0]["until"], taken[0]["reason"]
                found.accepted.append(f"{line}; accepted until {until}: {reason}")
            else:
                found.against.append(line)
    return found


def rounds(packages: list[Locked]) -> list[list[Locked]]:
    """The packages so that none is twice in a round: a lock for several systems may have two versions."""
    found: list[list[Locked]] = []
    for package in packages:
        names = ({one.name for one in others} for others in found)
        fits = next((i for i, taken in enumerate(names) if package.name not in taken), None)
        if fits is None:
            found.append([])
        found[-1 if fits is None else fits].append(package)
    return found


def asked_pip_audit(packages: list[Locked]) -> Any:
    """pip-audit's report on the packages, those for other systems too, which it would leave out."""
    found = []
    for together in rounds(packages):
        with TemporaryDirectory() as folder:
            file = Path(folder) / "requirements.txt"
            lines = (
                f"{one.name}=={one.version} " + " ".join(f"--hash=sha256:{h}" for h in one.hashes)
                for one in together
            )
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            command = [
                sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip",
                "--format", "json", "--progress-spinner", "off", "--requirement", str(file),
            ]  # fmt: skip
            ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        try:
            found += json.loads(ran.stdout)["dependencies"]
        except (json.JSONDecodeError, KeyError):
            continue  # what it did not say anything of has not been audited
    return {"dependencies": found}


# --- licences -------------------------------------------------------------------------------------


def licences(package: Locked, elsewhere: dict[str, str]) -> str:
    """How a package states its licence: an expression, or names of which one may be chosen ("OR").

    `elsewhere` has those of packages that are not installed on this system. Empty: nothing is stated.
    """
    try:
        found = metadata.metadata(package.name)
    except metadata.PackageNotFoundError:
        return elsewhere.get(package.name, "")
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [str(c).rsplit(" :: ", 1)[-1] for c in found.get_all("Classifier") or []
                   if str(c).startswith("License ::")]  # fmt: skip
    named = [name for name in classifiers if name != "OSI Approved"]
    return " OR ".join(named) or str(found.get("License") or "").split("\n")[0]


def is_accepted(expression: str, accepted: set[str]) -> bool:
    """Whether a licence may be used: of what is joined by AND all, of what is joined by OR one."""
    text = expression.strip()
    inner = re.fullmatch(r"\(([^()]*)\)", text)
    if inner and inner[1] and (text not in accepted):
        return is_accepted(inner[1], accepted)
    if text in accepted:
        return True
    for word, every in ((" OR ", any), (" AND ", all)):
        parts = _outside_brackets(text, word)
        if len(parts) > 1:
            return every(is_accepted(part, accepted) for part in parts)
    return False


def _outside_brackets(text: str, word: str) -> list[str]:
    """The parts between a word, except where it stands in brackets."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(rf"[()]|{re.escape(word)}", text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] == word and depth == 0:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


# --- the bill of materials ------------------------------------------------------------------------


def bill(packages: list[Locked], version: str, stated_licences: dict[str, str]) -> str:
    """A CycloneDX bill of materials as JSON: the same bytes for the same lock, version and environment.

    A component's hashes are those of all its files that the lock accepts, one of which is installed.
    """
    name = "community-safety-warehouse"
    root = Component(
        type=ComponentType.APPLICATION, name=name, version=version, bom_ref=f"{name}@{version}"
    )
    components = {
        (one.name, one.version): Component(
            type=ComponentType.LIBRARY,
            name=one.name,
            version=one.version,
            bom_ref=f"pkg:pypi/{one.name}@{one.version}",
            purl=PackageURL("pypi", None, one.name, one.version),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=h) for h in one.hashes],
            licenses=[DisjunctiveLicense(name=found)]
            if (found := stated_licences[one.name])
            else [],
            properties=[Property(name="csp:marker", value=one.marker)] if one.marker else [],
        )
        for one in packages
    }
    text = "\n".join(f"{one} {one.hashes}" for one in packages)
    made = Bom(
        components=components.values(),
        metadata=BomMetaData(component=root),
        serial_number=uuid5(NAMESPACE_URL, sha256(f"{version}\n{text}".encode()).hexdigest()),
    )
    # Not the moment at which it was made, which says nothing of what is in it.
    made.metadata.timestamp = datetime(1980, 1, 1, tzinfo=UTC)
    needs: dict[str, list[Component]] = {}
    for one in packages:
        for other in one.needed_by:
            needs.setdefault(other, []).append(components[one.name, one.version])
    made.register_dependency(root, needs.get(name, []))
    for (each, _), component in components.items():
        made.register_dependency(component, needs.get(each, []))
    return JsonV1Dot6(made).output_as_string(indent=1) + "\n"


# --- the commands ---------------------------------------------------------------------------------


def audit(packages: list[Locked], decided: dict[str, Any], report: Any, today: date) -> int:
    """Print what is against the packages and say with the exit code whether there is anything."""
    found = judged(report, packages, decided["accepted-advisories"], today)
    print(f"{len(packages)} packages in {LOCK.name}.")
    for line in found.accepted:
        print(f"  known: {line}")
    for line in found.against:
        print(f"  VULNERABLE: {line}")
    if found.unknown:
        print(
            f"NOT AUDITED: {len(found.unknown)} packages were not looked up, since the advisory database "
            f"could not be reached or does not know them: {', '.join(found.unknown[:5])}"
            f"{', …' if len(found.unknown) > 5 else ''}. This says nothing about them; run it "
            "again from somewhere with access."
        )
    accepted, elsewhere = set(decided["licences"]), decided["licences-elsewhere"]
    said = {one.label: licences(one, elsewhere) for one in packages}
    refused = {k: v for k, v in said.items() if not is_accepted(v, accepted)}
    for label, licence in refused.items():
        print(f"  LICENCE: {label} is under {licence or 'no licence that it states'}")
    print(f"{len(packages) - len(refused)} of {len(packages)} have a licence that is accepted.")
    return FOUND if refused else found.code


def main() -> int:
    """Audit the lock, or write its bill of materials; 0 is green, 1 found something, 3 not audited."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["audit", "bill"])
    parser.add_argument("file", nargs="?", type=Path, default=PROJECT / "dist" / "bill.cdx.json")
    options = parser.parse_args()
    packages, decided = locked(LOCK.read_text(encoding="utf-8")), stated()
    if options.what == "audit":
        return audit(packages, decided, asked_pip_audit(packages), datetime.now(UTC).date())
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = {one.name: licences(one, decided["licences-elsewhere"]) for one in packages}
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.write_text(bill(packages, project["version"], said), encoding="utf-8")
    print(f"{len(packages)} components in {options.file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
