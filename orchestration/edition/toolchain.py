"""What an edition was made with: the code by commit and by content, and the rendering tools."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.core.files import sha256_of
from orchestration.core.settings import IS_INSTALLED, PACKAGE, Settings

_CODE = ("orchestration", "dbt_project", "seeds", "expectations")
# A partnership's decisions are not code; manifests hash them separately. Last: what a wheel contains.
_LEFT_OUT = {"target", "logs", "__pycache__", "partnerships", "_project"}
# Everything that affects the rendered bytes. All other packages are in the lock file.
_TOOLS = (
    "duckdb", "pandas", "scipy", "jinja2", "vl-convert-python", "weasyprint", "gptables", "openpyxl",
    "odfpy",
)  # fmt: skip


def code_of(settings: Settings) -> dict[str, Any]:
    """The running code: `sha256` over its files, and the commit if it is a checkout.

    `commit` is null outside a checkout; `is_changed` says that files differ from the commit, so that
    only `sha256` identifies what ran.
    """
    digest = hashlib.sha256()
    for name in _CODE:
        # Named as in a checkout, so that the same code has the same hash when it is installed.
        root = PACKAGE if IS_INSTALLED and name == PACKAGE.name else settings.project / name
        for path in sorted(root.rglob("*")):
            relative = Path(name) / path.relative_to(root)
            if path.is_file() and not _LEFT_OUT & set(relative.parts):
                digest.update(f"{relative.as_posix()}\0{sha256_of(path)}\n".encode())
    digest.update(sha256_of(settings.project / "requirements.lock").encode())
    commit = _git(settings, "rev-parse", "HEAD")
    changed = _git(
        settings,
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        *_CODE,
        ":(exclude)seeds/partnerships",
    )
    return {"sha256": digest.hexdigest(), "commit": commit, "is_changed": bool(changed)}


def tools() -> dict[str, str]:
    """The versions of everything that affects an edition's bytes."""
    return {name: version(name) for name in _TOOLS}


def _git(settings: Settings, *arguments: str) -> str | None:
    """The output of a git command in the project; None without git or a checkout."""
    git = shutil.which("git")
    if git is None or not (settings.project / ".git").exists():
        return None
    return _output_of(git, "-C", str(settings.project), *arguments)


def _output_of(program: str, *arguments: str) -> str | None:
    """The output of a program; None if it fails."""
    answer = subprocess.run(  # noqa: S603 - the arguments are constants
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return answer.stdout.strip() if answer.returncode == 0 else None
