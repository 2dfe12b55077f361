"""The one step of a build that pyproject.toml cannot say: what lies beside the package goes into it.

dbt, the gates and the service read files of the project that are no Python. A checkout has them beside
`orchestration/`; a wheel carries them in `orchestration/_project/`, where `orchestration.core.settings`
finds them.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PROJECT = Path(__file__).resolve().parent
FOLDERS = ("dbt_project", "expectations", "seeds", "deploy")
FILES = ("requirements.lock", "workspace.yaml")
BUILD_PRODUCTS = {"target", "logs", "__pycache__", ".user.yml"}


def carried() -> list[Path]:
    """The files that a wheel carries besides the package, relative to the project."""
    found = [path for name in FOLDERS for path in sorted((PROJECT / name).rglob("*"))]
    files = [path.relative_to(PROJECT) for path in found if path.is_file()]
    return [*(path for path in files if not BUILD_PRODUCTS & set(path.parts)), *map(Path, FILES)]


class BuildWithProject(build_py):
    """Build the package and put the project's files into it. An editable install reads the checkout."""

    def run(self) -> None:
        """Build anew: what an earlier build left would be packed into this wheel as well."""
        built = (Path(self.build_lib) / "orchestration").resolve()
        if not self.editable_mode and built.is_dir() and built != PROJECT / "orchestration":
            shutil.rmtree(built)
        super().run()
        if not self.editable_mode:
            for path in carried():
                target = self._target(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(str(PROJECT / path), str(target))

    def get_source_files(self) -> list[str]:
        """What a source distribution must hold for a wheel to be built from it."""
        return [*super().get_source_files(), *map(str, carried())]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What the build writes, with the project's files."""
        own = [] if self.editable_mode else [str(self._target(path)) for path in carried()]
        return [*super().get_outputs(include_bytecode), *own]

    def _target(self, path: Path) -> Path:
        return Path(self.build_lib) / "orchestration" / "_project" / path


setup(cmdclass={"build_py": BuildWithProject})
