"""YAML files of the project and of its deployments, read by libyaml where it is installed."""

from __future__ import annotations

from typing import Any

import yaml

try:  # eight times as fast
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


def load(text: str) -> Any:
    """What a text of YAML holds: plain values, lists and mappings.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(text, Loader=Loader)
