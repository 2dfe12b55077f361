"""YAML files of the project and of its deployments, read by libyaml where it is installed.

What people write by hand and are told the line of is read by PyYAML itself, which names a line more exactly.
"""

from __future__ import annotations

from typing import Any

import yaml

try:  # eight times as fast
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

__all__ = ["Loader", "SafeLoader", "load"]


class Loader(SafeLoader):
    """Plain values, lists and mappings; no objects."""


def load(text: str) -> Any:
    """What a text of YAML holds.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(text, Loader=Loader)  # noqa: S506 - a SafeLoader
