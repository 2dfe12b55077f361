"""The real `csp` in a process of its own, and what it gave back."""

import os
import subprocess
import sys

from orchestration.core.settings import PROJECT, from_environment
from tests.conftest import NOW
from tests.support import parsed

DONE, REFUSED, USAGE = 0, 1, 2


class Answer:
    """What a command gave back, whatever it was."""

    def __init__(self, finished):
        self.code = finished.returncode
        self.bytes = finished.stdout
        self.error = finished.stderr.decode("utf-8")
        if not self.bytes.startswith(b"PAR1"):
            assert "Traceback" not in self.text
        assert "Traceback" not in self.error

    @property
    def text(self):
        return self.bytes.decode("utf-8")

    def is_one_sentence(self, *words):
        """Whether the error is a single line that holds all the words."""
        (line,) = self.error.splitlines()
        assert line.startswith("Error: ")
        return self.text == "" and all(word in line for word in words)


def csp(*arguments, home, source=None, stdin="", project=PROJECT, cwd=None, **more):
    """Run the real command in a process of its own, with no settings but these.

    `project` is the checkout whose code runs, `cwd` the folder it is called in.
    """
    ours = ("CSP_", "DAGSTER_", "DBT_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    environment |= {"CSP_HOME": str(home), "CSP_NOW": NOW, "PYTHONPATH": str(project)}
    if project == PROJECT:  # an older checkout knows no such setting
        environment["CSP_WAIT_SECONDS"] = "0"
    environment |= more
    if source is not None:
        environment["CSP_SOURCE"] = str(source)
    if arguments and arguments[0] in ("refresh", "assess", "prepare") and project == PROJECT:
        parsed.lend(from_environment({"CSP_HOME": str(home)}))
    finished = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
        cwd=cwd or project,
        env=environment,
        input=stdin.encode(),
        check=False,
        capture_output=True,
        timeout=1200,
    )
    return Answer(finished)
