"""dbt's own connection, opened as its profile says, has the limits of every other."""

import os

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context

from orchestration.core.settings import PROJECT, from_environment
from orchestration.transform import dbt


def test_the_profile_gives_the_limits(tmp_path, monkeypatch):
    limits = {"CSP_MEMORY_MB": "300", "CSP_THREADS": "1", "CSP_TEMPORARY_MB": "7"}
    for name, value in limits.items():
        monkeypatch.setenv(name, value)
    settings = from_environment({**limits, "CSP_HOME": str(tmp_path)})
    profiles = yaml.safe_load((PROJECT / "dbt_project" / "profiles.yml").read_text("utf-8"))
    for output in profiles["community_safety"]["outputs"].values():
        with dbt.environment(
            dbt._environment(settings, dbt.candidate_path(settings), is_parsing=False)
        ):
            set_invocation_context(os.environ)
            found = ProfileRenderer({}).render_data(output)
        del found["plugins"], found["type"], found["threads"]
        credentials = DuckDBCredentials.from_dict({**found, "path": ":memory:"})
        handle = LocalEnvironment(credentials).handle()
        row = handle.cursor().execute(
            "select current_setting('memory_limit'), current_setting('threads'), "
            "current_setting('max_temp_directory_size')"
        )
        assert row.fetchone() == ("300.0 MiB", 1, "7.0 MiB")
    assert "CSP_LIMIT_MEMORY" not in os.environ
