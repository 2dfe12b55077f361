"""Settings have no silent fallback."""

import pytest

from orchestration.core.settings import SettingsError, from_environment


def test_defaults_are_the_project_folder_and_stoke(tmp_path):
    settings = from_environment({"CSP_HOME": str(tmp_path)})
    assert settings.partnership.area_name == "Stoke-on-Trent"
    assert settings.source is None
    assert settings.published == tmp_path / "published"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"CSP_HOEM": "x"}, "unknown setting CSP_HOEM"),
        ({"CSP_AREA": "Stoke"}, "expected a district code"),
        ({"CSP_AREA": "E06000099"}, "no partnership is shipped in seeds/partnerships"),
        (
            {"CSP_PARTNERSHIP": "/nowhere/at/all"},
            "names all, which is no folder with a partnership.yaml",
        ),
        ({"CSP_NOW": "yesterday"}, "expected an ISO date"),
    ],
)
def test_what_is_not_known_raises(environment, words):
    with pytest.raises(SettingsError, match=words):
        from_environment(environment)
