"""Proves that what is shipped for the service can be read, is shut tight, and holds no secret."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace

import pytest
import yaml

from orchestration.core.settings import PROJECT, SettingsError, from_environment
from orchestration.defs import instance
from orchestration.ingest.landing.receipts import Receipt, write_receipt
from tests.conftest import NOW, settings_at
from tests.support.dagster_internals import dagster_instance_config
from tests.support.units import DEPLOY, Unit

OURS = (
    "csp-daemon.service", "csp-webserver.service", "csp-engineers.service", "csp-backup.service",
    "csp-health.service",
)  # fmt: skip
SERVICES = (*OURS, "csp-door.service", "csp-failed@.service")
SHUT = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictSUIDSGID": "yes",
    "SystemCallFilter": "@system-service",
    "UMask": "0077",
    "User": "csp",
}
systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="there is no systemd-analyze; sh tests/support/postgres.sh installs it",
)


def analyze(*arguments):
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def installed_in(folder):
    """The units with programs that are there, so that only the units themselves are judged."""
    for path in (*DEPLOY.glob("csp-*.service"), *DEPLOY.glob("csp-*.timer")):
        text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", path.read_text("utf-8"), flags=re.M)
        (folder / path.name).write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


@systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    units = installed_in(tmp_path)
    assert len(units) == 9
    for unit in units:
        found = analyze("verify", "--man=no", unit)
        said = [line for line in found.stderr.splitlines() if "csp-" in line]
        assert (found.returncode, said) == (0, []), found.stderr
    wrong = tmp_path / "csp-wrong.service"
    text = (tmp_path / "csp-daemon.service").read_text(encoding="utf-8")
    wrong.write_text(text.replace("ProtectSystem=strict", "ProtectSystem=srtict"), "utf-8")
    assert "srtict" in analyze("verify", "--man=no", wrong).stderr


@systemd
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_exposed_to_little(name):
    """systemd's own measure, from 0 (safe) to 10; what is installed with it has about 9."""
    found = analyze("security", "--offline=true", "--threshold=25", DEPLOY / name)
    assert found.returncode == 0, found.stdout[-800:]
    assert analyze("security", "--offline=true", "--threshold=1", DEPLOY / name).returncode != 0


@pytest.mark.parametrize("name", OURS)
def test_a_service_may_do_only_what_it_must(name):
    service = Unit(name)["Service"]
    assert {key: service[key] for key in SHUT} == SHUT
    assert service["MemoryMax"]
    written = set(service["ReadWritePaths"].split())
    assert written <= {"/var/lib/csp", "/var/backups/csp", "/run/csp"}


def test_whatever_fails_is_told_to_whoever_watches():
    told = {name: Unit(name)["Unit"].get("OnFailure") for name in SERVICES}
    last = told.pop("csp-failed@.service")
    assert last is None  # or it would call itself
    assert set(told.values()) == {"csp-failed@%n.service"}
    assert Unit("csp-health.service")["Service"]["ExecStart"].split()[1:3] == ["health", "--daemon"]


def test_the_door_is_another_account_that_sees_no_data():
    service = Unit("csp-door.service")["Service"]
    assert service["User"] == service["Group"] == "csp-door"
    binds = "CAP_NET_BIND_SERVICE"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == binds
    shut = {k: v for k, v in SHUT.items() if k not in ("User", "CapabilityBoundingSet")}
    assert {key: service[key] for key in shut} == shut
    assert {"-/var/lib/csp", "-/etc/csp"} <= set(service["InaccessiblePaths"].split())
    assert "ReadWritePaths" not in service
    folder, mode, owner, group = re.search(
        r"^d (\S+) (\d+) (\S+) (\S+) -$",
        (DEPLOY / "door" / "csp-door.tmpfiles").read_text("utf-8"), flags=re.M,
    ).groups()  # fmt: skip
    # The group of the folder is that of the sockets in it (setgid); others do not even see them.
    assert (folder, mode, owner, group) == ("/run/csp", "2750", "csp", "csp-door")


def pages_of(words):
    """How pages are served by a command: whether they can be changed, and on which socket."""
    words = words[words.index("pages") :]
    return "--write" in words, words[words.index("--socket") + 1]


def test_the_pages_are_read_only_and_listen_on_sockets_of_which_the_door_knows():
    door = (DEPLOY / "door" / "door.conf").read_text(encoding="utf-8")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for unit, service, upstream in (
        ("csp-webserver.service", "pages", "readers"),
        ("csp-engineers.service", "engineers", "engineers"),
    ):
        is_writable, socket = pages_of(Unit(unit).command("ExecStart"))
        assert is_writable == (upstream == "engineers")
        assert f"upstream {upstream} {{ server unix:{socket}; }}" in door
        shell, _, line = compose[service]["command"]
        before, command = line.split(" && exec ")
        assert (shell, before) == ("sh", "csp prepare")
        assert pages_of(shlex.split(command)) == (is_writable, socket)


def test_of_the_containers_only_the_door_has_ports_and_none_has_rights():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert [name for name, service in compose.items() if "ports" in service] == ["door"]
    for service in compose.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["all"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "network_mode" not in service
    inside = {word.split(":")[1] for word in compose["door"]["volumes"]}
    assert not any(path.startswith(("/var/lib/csp", "/etc/csp/")) for path in inside)
    frame, container = (
        (DEPLOY / "door" / name).read_text(encoding="utf-8")
        for name in ("nginx.conf", "nginx-container.conf")
    )
    assert "include /etc/csp-door/door.conf;" in frame
    assert "include /etc/csp-door/door.conf;" in container


def test_what_falls_over_is_started_again_and_nothing_old_runs_beside_it():
    for name in ("csp-daemon.service", "csp-webserver.service", "csp-engineers.service"):
        unit = Unit(name)
        assert unit["Unit"]["StartLimitIntervalSec"] == "0"  # as often as it takes
        service = unit["Service"]
        assert service["Restart"] == "on-failure"
        assert service["KillMode"] == "mixed"
        assert service["ExecStartPre"].endswith("csp prepare")


def test_the_environment_file_is_one_that_settings_take_and_holds_no_secret(tmp_path):
    text = (DEPLOY / "csp.env.example").read_text(encoding="utf-8")
    every = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, flags=re.M))
    assert {"CSP_HOME", "CSP_DATABASE", "CSP_SCHEDULE", "PGPASSFILE"} <= set(every)
    sources = tmp_path / "sources.yaml"
    sources.touch()
    folder = PROJECT / "seeds" / "partnerships" / every["CSP_AREA"]
    assert "CSP_PARTNERSHIP" in every
    settings = from_environment(
        {**every, "CSP_SOURCES": str(sources), "CSP_PARTNERSHIP": str(folder)}
    )
    assert settings.schedule == "0 2 * * *"
    assert every["DAGSTER_HOME"] == f"{every['CSP_HOME']}/dagster"
    for name in ("PSEUDONYM_KEY", "PASSWORD", "SECRET"):
        assert not re.search(rf"^#?\w*{name}=", text, flags=re.M)


def test_the_instance_is_one_that_dagster_takes():
    found, _ = dagster_instance_config(str(DEPLOY))
    assert found["storage"]["postgres"]["postgres_url"] == {"env": "CSP_DATABASE"}
    assert found["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert found["run_monitoring"]["enabled"]
    assert found["run_monitoring"]["max_resume_run_attempts"] == 0
    assert not found["run_retries"]["retry_on_asset_or_op_failure"]
    assert not found["telemetry"]["enabled"]


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("CSP_DATABASE", "postgresql://csp:hunter2@db/csp", "PGPASSFILE"),
        ("CSP_DATABASE", "postgresql://csp@db/csp?password=hunter2", "PGPASSFILE"),
        ("CSP_DATABASE", "mysql://db/csp", "postgresql:///csp"),
        ("CSP_DATABASE", "postgresql://[csp", "postgresql:///csp"),
        ("CSP_SCHEDULE", "02:00", "cron line"),
        ("CSP_SCHEDULE", "0 2 * * * *", "cron line"),
    ],
)
def test_a_wrong_setting_is_one_sentence_without_a_secret(variable, value, words):
    with pytest.raises(SettingsError) as problem:
        from_environment({variable: value})
    assert words in str(problem.value)
    assert variable in str(problem.value)
    assert "hunter2" not in str(problem.value)


def test_a_home_that_keeps_its_runs_elsewhere_stops(tmp_path):
    alone = settings_at(tmp_path)
    served = replace(alone, database="postgresql:///csp")
    home = instance.prepare_home(alone)
    assert instance.prepare_home(alone) == home
    with pytest.raises(SettingsError, match=r"in SQLite and CSP_DATABASE is set"):
        instance.prepare_home(served)
    (home / "dagster.yaml").unlink()
    instance.prepare_home(served)
    written = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))
    assert written == yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    with pytest.raises(SettingsError, match=r"in PostgreSQL and CSP_DATABASE is not set"):
        instance.prepare_home(alone)
    (home / "dagster.yaml").write_text("storage: [", encoding="utf-8")
    with pytest.raises(SettingsError, match="as YAML"):
        instance.prepare_home(alone)


def test_a_database_that_is_away_is_one_sentence(tmp_path, monkeypatch):
    nowhere = f"postgresql:///csp?host={tmp_path}"
    monkeypatch.setenv("CSP_DATABASE", nowhere)
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = replace(settings_at(tmp_path / "home"), database=nowhere)
    with pytest.raises(SettingsError, match="cannot be reached"), instance.open_instance(settings):
        pass


def shell(*arguments):
    return subprocess.run(
        ["sh", str(DEPLOY / "backup.sh"), *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_backup_without_data_removes_nothing(tmp_path):
    old = tmp_path / "backups" / "csp-20200101T000000Z.tar.gz"
    old.parent.mkdir()
    old.touch()
    finished = shell(tmp_path / "home", old.parent)
    assert finished.returncode == 1
    assert "nothing was backed up" in finished.stderr
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def backed_up(home, backups, **environment):
    """The files of a backup of a home, made by the shipped script; or its error."""
    backups.mkdir(exist_ok=True)
    program = backups.parent / "bin" / "csp"  # where the checkout's own is not installed
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m orchestration.cli "$@"\n')
    program.chmod(0o755)
    made = subprocess.run(
        [DEPLOY / "backup.sh", home, backups],
        capture_output=True, text=True, check=False, timeout=300,
        env={
            "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT),
            **environment,
        },
    )  # fmt: skip
    if made.returncode:
        return made.stderr
    (archive,) = backups.glob("csp-*.tar.gz")
    subprocess.run(
        ["sha256sum", "--check", "--quiet", f"{archive.name}.sha256"], cwd=backups, check=True
    )
    with tarfile.open(archive) as found:
        return {one.name.rstrip("/") for one in found.getmembers() if one.isfile()}


def test_a_backup_holds_what_was_recorded_and_the_folder_that_is_named(tmp_path):
    home, named = tmp_path / "home", tmp_path / "decided"
    for folder in (home / "landing", home / "partnership", home / "raw", named):
        folder.mkdir(parents=True)
        (folder / "waivers.yaml").write_text("waivers: []\n", encoding="utf-8")
    shutil.copy(PROJECT / "seeds/partnerships/E06000021/partnership.yaml", named)
    (home / "alerts").mkdir()
    (home / "alerts" / "engineer.json").write_text("{}", encoding="utf-8")
    (home / "run.lock").touch()
    own = {"landing/waivers.yaml", "partnership/waivers.yaml", "alerts/engineer.json"}
    assert backed_up(home, tmp_path / "one") == own
    both = backed_up(home, tmp_path / "two", CSP_PARTNERSHIP=str(named))
    named_too = {f"partnership-named/{name}.yaml" for name in ("waivers", "partnership")}
    assert both == {*own, *named_too}
    lost = backed_up(home, tmp_path / "three", CSP_PARTNERSHIP=str(tmp_path / "gone"))
    assert lost == "CSP_PARTNERSHIP names no folder; nothing was backed up\n"


def test_a_backup_names_a_changed_byte_and_removes_no_older_archive(tmp_path):
    home, backups = tmp_path / "home", tmp_path / "backups"
    receipt = Receipt(
        "harbour/boats", "2026-07", "", 1, "a" * 64, 3, "b.csv", 0.0, NOW, False, ".csv"
    )
    settings = settings_at(home)
    receipt.bytes_path(settings).parent.mkdir(parents=True)
    receipt.bytes_path(settings).write_bytes(b"not what came")
    write_receipt(settings, receipt)
    (home / "run.lock").touch()
    backups.mkdir()
    old = backups / "csp-20200101T000000Z.tar.gz"
    old.touch()
    os.utime(old, (0, 0))
    said = backed_up(home, backups)
    assert "original: the original of harbour/boats 2026-07" in said
    assert "not as it was kept" in said
    (made,) = backups.glob("csp-*-damaged.tar.gz")
    assert made.stat().st_size and old.exists()


# The steps of the page


@pytest.fixture(scope="module")
def rehearse():
    return runpy.run_path(str(DEPLOY / "rehearse.py"))


PAGE = """
# A page
## One
```sh
apt-get install make postgresql
first
```
**Two.** In words.
```python
third()
```
```sh
second
```
## In a container
```sh
podman run it
```
"""


def test_the_rehearsal_runs_each_block_of_the_page_once_and_in_order(rehearse):
    steps, left_out = rehearse["script"](PAGE)
    assert left_out == ["In a container"]
    lines = steps.splitlines()
    at = [lines.index(line) for line in ("first", "second")]
    assert at == sorted(at) and "third()" not in lines and "podman" not in steps
    assert lines[lines.index("first") - 1] == "start_postgresql"
    with pytest.raises(SystemExit, match="has no block of sh"):
        rehearse["script"]("# Words only\n")


def test_the_shipped_page_makes_a_script_that_a_shell_can_read(rehearse):
    steps, left_out = rehearse["script"]((DEPLOY / "README.md").read_text(encoding="utf-8"))
    assert left_out == ["From a wheel, or in a container"]
    subprocess.run(["bash", "-n"], input=steps.encode(), check=True)
    for title in ("Installing", "A new version", "Backup and restore"):
        assert f"echo '== {title}'" in steps
