"""File modes: private in CSP_HOME and readable for the group where it is published, whatever the umask."""

import os
import stat

import pytest

from orchestration import files


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_private(umask, tmp_path):
    path = tmp_path / "a" / "b" / "file.json"
    files.write_json(path, {})
    assert mode(path) == 0o600
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_a_file_that_was_open_to_all_is_not_when_it_is_written_again(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("x")
    path.chmod(0o666)
    files.write_text(path, "y")
    assert mode(path) == 0o600


def test_a_home_is_tightened_but_for_what_is_shared(umask, tmp_path):
    home, shared = tmp_path / "home", tmp_path / "home" / ".published"
    for path in (home / "raw" / "x.parquet", home / "run.lock", shared / "one" / "marts.parquet"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        path.chmod(0o666)
    (home / "published").symlink_to(".published/one")
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (home / "link").symlink_to(outside)
    shared.chmod(0o2777)  # hands its group on
    files.tighten(home, [shared, home / "editions"])  # there are no editions yet
    assert mode(home) == 0o710
    assert (mode(home / "raw"), mode(home / "raw" / "x.parquet")) == (0o700, 0o600)
    assert mode(home / "run.lock") == 0o600
    assert (mode(shared), mode(shared / "one")) == (0o2750, 0o750)
    assert mode(shared / "one" / "marts.parquet") == 0o640
    assert mode(outside) == 0o644  # a link is not followed
    assert not [
        path for path in home.rglob("*") if mode(path) & stat.S_IRWXO and path.name != "link"
    ]


def test_a_shared_folder_is_for_its_group(umask, tmp_path):
    (tmp_path / "p" / "parquet").mkdir(parents=True)
    (tmp_path / "p" / "parquet" / "t.parquet").write_text("x")
    files.share(tmp_path / "p")
    assert mode(tmp_path / "p") == mode(tmp_path / "p" / "parquet") == 0o750
    assert mode(tmp_path / "p" / "parquet" / "t.parquet") == 0o640
