"""The workbook as OpenDocument, made by LibreOffice where it is installed, and the same every time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from orchestration.core.errors import WarehouseError
from orchestration.core.files import replacing

_PROGRAMS = ("soffice", "libreoffice")
_SECONDS = 300
# Languages, currency and paper of the document would be those of whoever runs it.
_LOCALE = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": ""}
_MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ZIP_BEGINS = (1980, 1, 1, 0, 0, 0)  # the earliest day that a zip file can name
# What LibreOffice writes of the moment and the machine: who, when, how long, with which build, and
# where the window stood. Pictures of the first sheet are left out whole.
_NOISE = {
    "meta.xml": re.compile(
        rb"<(meta:generator|meta:editing-duration|meta:editing-cycles|dc:date|meta:print-date)>"
        rb".*?</\1>|<meta:document-statistic[^>]*/>",
        re.DOTALL,
    ),
    "settings.xml": re.compile(
        rb'<config:config-item config:name="(PrinterName|PrinterSetup|VisibleArea[A-Za-z]*)"'
        rb"[^>]*(/>|>.*?</config:config-item>)",
        re.DOTALL,
    ),
}
# One for each sheet, which LibreOffice writes in an order of the moment.
_PAGES = re.compile(rb"(<style:master-page .*</style:master-page>)", re.DOTALL)
_PAGE = re.compile(
    rb"<style:master-page [^>]*/>|<style:master-page .*?</style:master-page>", re.DOTALL
)
_LEFT_OUT = ("Thumbnails/", "Configurations2/")
_MANIFEST = "META-INF/manifest.xml"


class ConversionFailed(WarehouseError):
    """LibreOffice is installed and did not make the file. One sentence."""


def to_ods(xlsx: Path) -> Path | None:
    """Write the workbook as ODS beside `xlsx`; `None` where LibreOffice is not installed.

    Same workbook and same LibreOffice, same bytes, in whatever language. LibreOffice runs with a
    profile of its own, so that one that is open is not disturbed.

    Raises:
        ConversionFailed: LibreOffice stopped, took more than five minutes, or wrote nothing.
    """
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        return None
    target = xlsx.with_suffix(".ods")
    with tempfile.TemporaryDirectory() as folder:
        made = _convert(program, xlsx, Path(folder))
        with replacing(target) as temporary:
            _normalise(made, temporary)
    return target


def _convert(program: str, xlsx: Path, folder: Path) -> Path:
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "ods",
        "--outdir",
        str(folder / "out"),
        str(xlsx),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the program is the one on the path
            command, capture_output=True, timeout=_SECONDS, check=False, env=os.environ | _LOCALE
        )
    except subprocess.TimeoutExpired as late:
        raise ConversionFailed(
            f"LibreOffice took more than {_SECONDS} seconds to convert {xlsx.name}"
        ) from late
    made = folder / "out" / f"{xlsx.stem}.ods"
    if done.returncode != 0 or not made.exists():
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ConversionFailed(
            f"LibreOffice did not convert {xlsx.name}: {said[-1] if said else 'it said nothing'}"
        )
    return made


def _normalise(made: Path, target: Path) -> None:
    """Write the same document without what tells of the moment: entries in order, fixed dates, the
    type first and not compressed, as OpenDocument asks."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as out:
        kept = [name for name in source.namelist() if not name.startswith(_LEFT_OUT)]
        _add(out, "mimetype", _MIMETYPE.encode(), zipfile.ZIP_STORED)
        for name in sorted(kept):
            if name == "mimetype":
                continue
            content = source.read(name)
            if name in _NOISE:
                content = _NOISE[name].sub(b"", content)
            if name == "styles.xml":
                content = _PAGES.sub(_in_order, content)
            if name == _MANIFEST:
                content = _without(content)
            _add(out, name, content, zipfile.ZIP_DEFLATED)


def _in_order(pages: re.Match[bytes]) -> bytes:
    return b"".join(sorted(_PAGE.findall(pages.group(1))))


def _without(manifest: bytes) -> bytes:
    """The document's list of its parts, without those that are left out."""
    left_out = b"|".join(re.escape(prefix.encode()) for prefix in _LEFT_OUT)
    entry = rb'\s*<manifest:file-entry manifest:full-path="(' + left_out + rb")[^>]*/>"
    return re.sub(entry, b"", manifest)


def _add(out: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_BEGINS)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    out.writestr(entry, content)
