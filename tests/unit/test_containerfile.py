"""Proves, without a builder, that the steps of the Containerfile fit the project and its service."""

import json
import re
import subprocess
import sys
from pathlib import Path

from orchestration.cli import csp
from orchestration.core.settings import PROJECT, from_environment
from tests.support.containerfile import copied, instructions
from tests.support.units import Unit


def rest_of(name):
    return [found.rest for found in instructions() if found.name == name]


def environment():
    return dict(word.split("=", 1) for found in rest_of("ENV") for word in found.split())


def test_every_instruction_is_a_known_one_and_every_step_is_shell(tmp_path):
    known = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "HEALTHCHECK", "CMD"}
    assert {found.name for found in instructions()} <= known
    for step in rest_of("RUN"):
        assert subprocess.run(["sh", "-n", "-c", step], check=False).returncode == 0, step
    assert subprocess.run(["sh", "-n", "-c", "a &&"], check=False, capture_output=True).returncode


def test_what_is_copied_is_in_the_project():
    sources = [source for source, _ in copied()]
    assert [source for source in sources if not (PROJECT / source).exists()] == []
    assert {"requirements.lock", "pyproject.toml", "orchestration/", "seeds/"} <= set(sources)
    (stage,) = [f.words[0] for f in instructions() if f.name == "COPY" and "--from=" in f.rest]
    installed = Path(stage)
    assert environment()["PATH"].split(":")[0] == str(installed / "bin")
    assert (installed.parent, installed.name) == (Path(rest_of("WORKDIR")[0]), ".venv")


def test_the_base_image_is_an_argument_and_no_other_host_is_named():
    (base,) = rest_of("ARG")
    assert base.startswith("BASE=")
    assert {found.split(" ")[0] for found in rest_of("FROM")} == {"${BASE}"}
    for name in ("RUN", "COPY", "ENV", "CMD"):
        assert not re.search(r"://|index-url|find-links", " ".join(rest_of(name)))
    assert int(re.search(r"python:3\.(\d+)", base)[1]) in range(11, 14)  # as requires-python says


def test_libraries_come_from_the_lock_by_their_hashes():
    installs = [step for step in rest_of("RUN") if "pip install" in step]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps" in step for step in installs[1:])


def test_the_service_is_not_root_and_owns_nothing_but_its_home():
    last_stage = [found.name for found in instructions()]
    last_stage = last_stage[len(last_stage) - last_stage[::-1].index("FROM") :]
    assert last_stage.index("USER") > max(
        i for i, n in enumerate(last_stage) if n in ("RUN", "COPY")
    )
    (user,) = rest_of("USER")
    assert 0 not in map(int, user.split(":"))
    settings = from_environment({k: v for k, v in environment().items() if k.startswith("CSP_")})
    assert rest_of("VOLUME") == [str(settings.home)]
    assert environment()["DAGSTER_HOME"] == f"{settings.home}/dagster"
    owned = re.findall(r"install -d -o csp -g csp -m (\d+) (\S+)", " ".join(rest_of("RUN")))
    assert owned == [("0710", str(settings.home)), ("0750", "/run/csp")]


def test_it_runs_what_the_unit_of_the_service_runs():
    (command,) = rest_of("CMD")
    shell, option, line = json.loads(command)
    assert (shell, option) == ("sh", "-c")
    before, served = line.split(" && exec ")
    service = Unit("csp-daemon.service")["Service"]
    assert before.split()[-1] in csp.commands
    assert service["ExecStartPre"].endswith(f"/{before}")
    assert service["ExecStart"].endswith(f"/{served}")
    assert Path(sys.executable).with_name(served.split()[0]).exists()


def test_its_health_is_a_command_that_there_is():
    (health,) = rest_of("HEALTHCHECK")
    program, command = json.loads(health.split("CMD ")[1])
    assert (program, command in csp.commands) == ("csp", True)
