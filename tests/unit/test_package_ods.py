"""Proves that the workbook becomes the same OpenDocument every time, or honestly none."""

import shutil
import zipfile
from pathlib import Path

import pytest

from orchestration.edition.package import ods, workbook
from tests.support.made_up_package import few

NEEDS_LIBREOFFICE = pytest.mark.skipif(
    shutil.which("soffice") is None and shutil.which("libreoffice") is None,
    reason="LibreOffice is not installed; nothing else makes ODS",
)


@pytest.fixture(scope="module")
def xlsx(tmp_path_factory):
    return workbook.write(few(), tmp_path_factory.mktemp("ods") / "tables.xlsx")


def program(folder: Path, body: str) -> None:
    """A program of LibreOffice's name that does as a test needs."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def test_without_libreoffice_there_is_no_file(xlsx, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ods.to_ods(xlsx) is None
    assert not xlsx.with_suffix(".ods").exists()


@pytest.mark.parametrize("body", ["echo it broke >&2; exit 3", "echo it broke >&2; exit 0"])
def test_a_conversion_that_failed_is_an_error_and_leaves_nothing(xlsx, monkeypatch, tmp_path, body):
    program(tmp_path, body)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ods.ConversionFailed, match=r"did not convert tables\.xlsx: it broke"):
        ods.to_ods(xlsx)
    assert not xlsx.with_suffix(".ods").exists()


def test_a_conversion_that_hangs_is_given_up(xlsx, monkeypatch, tmp_path):
    program(tmp_path, "exec /bin/sleep 30")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ods, "_SECONDS", 1)
    with pytest.raises(ods.ConversionFailed, match="took more than 1 seconds"):
        ods.to_ods(xlsx)


def made(path: Path, *, moment: str, pages: list[str]) -> Path:
    """A document as LibreOffice writes it, at a moment and with its pages in some order."""
    styles = "".join(f'<style:master-page style:name="{p}">x</style:master-page>' for p in pages)
    manifest = "".join(
        f'\n <manifest:file-entry manifest:full-path="{name}" manifest:media-type=""/>'
        for name in ("content.xml", "Thumbnails/thumbnail.png", "Configurations2/")
    )
    parts = {
        "Thumbnails/thumbnail.png": moment,
        "content.xml": "<content/>",
        "styles.xml": f"<s>{styles}</s>",
        "meta.xml": f"<meta><dc:date>{moment}</dc:date><dc:title>Tables</dc:title>"
        f"<meta:generator>Office {moment}</meta:generator></meta>",
        "settings.xml": '<c><config:config-item config:name="VisibleAreaTop" config:type="int">'
        f'{moment}</config:config-item><config:config-item config:name="Kept"/></c>',
        "META-INF/manifest.xml": f"<m>{manifest}</m>",
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
    }
    with zipfile.ZipFile(path, "w") as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return path


def test_what_tells_of_the_moment_is_taken_out_and_the_rest_is_kept(tmp_path):
    first, second = tmp_path / "first.ods", tmp_path / "second.ods"
    ods._normalise(made(tmp_path / "a", moment="1", pages=["Area", "Wards"]), first)
    ods._normalise(made(tmp_path / "b", moment="2", pages=["Wards", "Area"]), second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as parts:
        entries = parts.infolist()
        assert (entries[0].filename, entries[0].compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.read("meta.xml") == b"<meta><dc:title>Tables</dc:title></meta>"
        assert parts.read("settings.xml") == b'<c><config:config-item config:name="Kept"/></c>'
        assert parts.read("styles.xml").count(b"<style:master-page ") == 2
        assert b"content.xml" in parts.read("META-INF/manifest.xml")
        assert b"Thumbnails" not in parts.read("META-INF/manifest.xml")


@NEEDS_LIBREOFFICE
def test_the_same_workbook_gives_the_same_opendocument(xlsx, monkeypatch):
    """Whoever runs it: LibreOffice writes the language of its user into the document."""
    first = ods.to_ods(xlsx)
    assert first is not None
    content = first.read_bytes()
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    again = ods.to_ods(xlsx)
    assert again is not None
    assert again.read_bytes() == content
    with zipfile.ZipFile(first) as parts:
        assert parts.testzip() is None
        cells = parts.read("content.xml").decode()
    assert 'table:name="Headline"' in cells
    assert "SYNTHETIC" in cells
    assert "table:formula" not in cells
