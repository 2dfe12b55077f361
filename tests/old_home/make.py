"""How `tests/old_home/home` was made: a small home, by the code of the release before the rooms.

    git worktree add OLD 26934f0
    PYTHONPATH=OLD python tests/old_home/make.py tests/old_home/home

Two months of two small feeds as they were landed, the Dagster instance of the service, and an edition
of one table in both variants, frozen. Run with the old code only: the names below are its own.
"""

import os
import shutil
import sys
from pathlib import Path

import duckdb
from orchestration.settings import PROJECT, from_environment

from orchestration import night
from orchestration.edition import freeze
from orchestration.synthetic import sample

NOW = "2026-09-15T02:00:00+00:00"
FEEDS = ("fire/incidents", "council/asb_case_reviews")
YEAR = "2024-25"


def main(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    extracts = home.parent / ".part-extracts"
    settings = from_environment(
        {"CSP_HOME": str(home), "CSP_NOW": NOW, "CSP_SOURCE": str(extracts)}
    )
    sample.write(settings, extracts, months=2, only=FEEDS)
    with night.alone(settings):
        extracts.pull(settings, night.contracts_of(settings))
    shutil.rmtree(extracts)
    (home / "run.lock").unlink()
    (home / "dagster").mkdir()
    shutil.copy(PROJECT / "deploy" / "dagster.yaml", home / "dagster")
    draft = freeze.scratch_folder(settings.editions, YEAR)
    for variant in ("official-sensitive", "official"):
        (draft / variant / "parquet").mkdir(parents=True)
        path = draft / variant / "parquet" / "figures.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"copy (select 'incidents' as measure_id, 12 as n) to '{path}'")
        freeze.write_manifest(
            draft / variant,
            {
                "edition": f"{YEAR} version 1",
                "year": YEAR,
                "version": 1,
                "variant": variant,
                "mode": "full",
                "data_as_at": NOW[:10],
            },
        )
    freeze.freeze(
        settings.editions, draft, YEAR, 1, freeze.SignOff("Chair of the Partnership", NOW)
    )


if __name__ == "__main__":
    os.umask(0o077)
    main(Path(sys.argv[1]).resolve())
