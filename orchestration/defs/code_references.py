"""The files behind an asset, which Dagster's pages offer to open."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg


def of_files(files: Mapping[str, Path]) -> dict[str, Any]:
    """Metadata that names files by what they are; those that are not there are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", dg.BetaWarning
        )  # of Dagster's classes; the version is pinned
        found = [
            dg.LocalFileCodeReference(file_path=str(path.resolve()), line_number=1, label=label)
            for label, path in files.items()
            if path.is_file()
        ]
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[*found])}
