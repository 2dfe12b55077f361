"""Proves that the audit is green only where everything was looked up, and that the bill is the lock."""

import json
from datetime import date

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from benchmarks import supply
from benchmarks.supply import Locked, is_accepted, judged, licences, locked, rounds
from orchestration.core.settings import PROJECT

LOCK = """\
boats==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via
    #   community-safety-warehouse (pyproject.toml)
    #   canals
canals[locks]==2.1 \\
    --hash=sha256:{b}
    # via community-safety-warehouse (pyproject.toml)
""".format(a="a" * 64, b="b" * 64)
TODAY = date(2026, 11, 29)
BOATS, CANALS = locked(LOCK)
HOLE = {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["1.1"]}


def report(**vulnerabilities):
    versions = {"boats": "1.0", "canals": "2.1"}
    return {
        "dependencies": [
            {"name": name, "version": versions[name], "vulns": found}
            if found is not None
            else {"name": name, "skip_reason": "Dependency not found and could not be audited"}
            for name, found in vulnerabilities.items()
        ]
    }


def test_the_lock_is_read_with_hashes_markers_and_what_needs_a_package():
    needs = ("community-safety-warehouse", "canals")
    hashes = ("a" * 64, "b" * 64)
    boats = Locked("boats", "1.0", "sys_platform == 'win32'", hashes, needs)
    assert boats == BOATS
    assert CANALS.needed_by == needs[:1]
    assert (CANALS.name, CANALS.version, CANALS.marker) == ("canals", "2.1", "")
    real = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert len(locked(real)) == sum(
        "==" in line[:60] for line in real.splitlines() if line[:1].isalnum()
    )
    assert all(one.hashes and one.needed_by for one in locked(real))


def test_nothing_against_anything_is_green():
    assert judged(report(boats=[], canals=[]), [BOATS, CANALS], [], TODAY).code == 0


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(boats=[HOLE], canals=[]), supply.FOUND),
        (report(boats=[HOLE], canals=None), supply.FOUND),
        (report(boats=[], canals=None), supply.NOT_AUDITED),  # pip-audit itself ends with 0 here
        (report(boats=[]), supply.NOT_AUDITED),
        ({"dependencies": []}, supply.NOT_AUDITED),
        (None, supply.NOT_AUDITED),
    ],
)
def test_a_hole_is_red_and_so_is_what_was_not_looked_up(found, code):
    assert judged(found, [BOATS, CANALS], [], TODAY).code == code


@pytest.mark.parametrize(
    ("package", "until", "code"),
    [("boats", TODAY, 0), ("boats", date(2026, 11, 28), 1), ("canals", TODAY, 1)],
)
def test_an_advisory_is_accepted_for_one_package_until_a_day(package, until, code):
    accepted = [
        {"package": package, "advisory": "CVE-2026-1", "until": until, "reason": "not reached"}
    ]
    found = judged(report(boats=[HOLE], canals=[]), [BOATS, CANALS], accepted, TODAY)
    assert found.code == code
    assert bool(found.accepted) == (code == 0)


def test_where_the_database_is_away_that_is_said_and_it_is_not_green(capsys):
    decided = {"accepted-advisories": [], "licences": ["MIT"],
               "licences-elsewhere": {"boats": "MIT", "canals": "MIT"}}  # fmt: skip
    code = supply.audit([BOATS, CANALS], decided, None, TODAY)
    assert code == supply.NOT_AUDITED
    assert "NOT AUDITED: 2 packages were not looked up" in capsys.readouterr().out
    sound = report(boats=[], canals=[])
    assert supply.audit([BOATS, CANALS], decided, sound, TODAY) == 0
    assert supply.audit([BOATS, CANALS], {**decided, "licences": []}, sound, TODAY) == 1


def test_two_versions_of_a_package_are_asked_for_apart():
    newer = Locked("boats", "2.0")
    assert rounds([BOATS, CANALS, newer]) == [[BOATS, CANALS], [newer]]


@pytest.mark.parametrize(
    ("expected", "expression"),
    [
        (True, "MIT"),
        (True, "MIT OR GPL-3.0"),
        (True, "Apache Software License OR GNU General Public License (GPL)"),
        (True, "MPL-2.0 AND (GPL-3.0 OR MIT)"),
        (True, "(MIT)"),
        (False, "MIT AND GPL-3.0"),
        (False, "MPL-2.0 AND (GPL-3.0 OR AGPL-3.0)"),
        (False, "GPL-3.0"),
        (False, "UNKNOWN"),
        (False, ""),
    ],
)
def test_a_licence_is_accepted_by_its_whole_expression(expected, expression):
    assert is_accepted(expression, {"MIT", "MPL-2.0", "Apache Software License"}) is expected


def test_every_package_of_the_lock_has_a_licence_that_is_accepted():
    decided = supply.stated()
    packages = locked((PROJECT / "requirements.lock").read_text(encoding="utf-8"))
    said = {one.label: licences(one, decided["licences-elsewhere"]) for one in packages}
    accepted = set(decided["licences"])
    assert {k: v for k, v in said.items() if not is_accepted(v, accepted)} == {}


def test_the_bill_is_the_lock_and_the_same_each_time():
    packages = locked((PROJECT / "requirements.lock").read_text(encoding="utf-8"))
    said = dict.fromkeys((one.name for one in packages), "MIT")
    text = supply.bill(packages, "1.2.3", said)
    assert supply.bill(packages, "1.2.3", said) == text
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = json.loads(text)
    listed = {
        (c["name"], c["version"]): {h["content"] for h in c["hashes"]} for c in found["components"]
    }
    assert listed == {(one.name, one.version): set(one.hashes) for one in packages}
    assert found["metadata"]["component"]["version"] == "1.2.3"
    needs = {d["ref"]: d.get("dependsOn", []) for d in found["dependencies"]}
    assert any(
        ref.startswith("pkg:pypi/duckdb@") for ref in needs["community-safety-warehouse@1.2.3"]
    )
    other = supply.bill(packages[1:], "1.2.3", said)
    assert json.loads(other)["serialNumber"] != found["serialNumber"]
