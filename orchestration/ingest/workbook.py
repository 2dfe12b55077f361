"""The container of a workbook: which kind of file it is, whether it is whole, and its sheets."""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from orchestration.ingest.refusal import Refusal
from orchestration.ingest.sheet_scan import (
    MOST_CELLS,
    NotWellFormed,
    Scan,
    check_xml,
    scan_ods,
    scan_xlsx,
)
from orchestration.ingest.table import refuse_other_kinds

KINDS = {"xlsx": "an Excel workbook (.xlsx)", "ods": "an OpenDocument spreadsheet (.ods)"}

_OLD_CONTAINER = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_BYTES = 1 << 30
# What the zip library raises on a damaged file; it has no one error for that.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, LookupError, OSError,
    OverflowError, RuntimeError, ValueError,
)  # fmt: skip


def damaged() -> Refusal:
    """The refusal of a workbook that cannot be read whole."""
    return Refusal("not_workbook", "the workbook is damaged and cannot be opened")


def open_container(content: bytes, form: str) -> zipfile.ZipFile:
    """The workbook as the zip file that it is, every part of it whole.

    Raises:
        Refusal: the bytes are another kind of file, damaged, or protected by a password.
    """
    expected = KINDS[form]
    if content.startswith(_OLD_CONTAINER) and _ENCRYPTED in content:
        raise _protected()
    if not content.startswith(b"PK\x03\x04"):
        refuse_other_kinds(content, expected, "not_workbook")
        raise Refusal("not_workbook", f"the file is not {expected}; it may be text by another name")
    try:
        container = zipfile.ZipFile(io.BytesIO(content))
        kind = _kind(container)
    except _DAMAGE:
        raise damaged() from None
    if kind != form:
        what = KINDS.get(kind, "a zip file of another kind")
        raise Refusal("not_workbook", f"the file is {what}; expected {expected}")
    if kind == "ods" and b"encryption-data" in _part(container, "META-INF/manifest.xml"):
        raise _protected()
    if sum(entry.file_size for entry in container.infolist()) > _MOST_BYTES:
        raise Refusal("not_workbook", "the workbook unpacks to more than a gigabyte")
    for name in container.namelist():
        if name.endswith((".xml", ".rels")):
            _well_formed(container, name)
    return container


def counts_from_1904(container: zipfile.ZipFile, form: str) -> bool:
    """Whether the workbook's serial numbers count days from 1904 instead of 1900."""
    if form != "xlsx":
        return False
    workbook = _part(container, "xl/workbook.xml")
    return re.search(rb"\bdate1904=[\"'](?:1|true|on)[\"']", workbook) is not None


def scan_sheets(container: zipfile.ZipFile, form: str, agreed: str) -> dict[str, Scan]:
    """How far sheets reach and which of their rows hold errors, by the sheet's name.

    An OpenDocument file is read whole, so all of its sheets count; of an Excel workbook only the
    `agreed` one ("": any).

    Raises:
        Refusal: a sheet reaches so far that laying it out would take the machine down.
    """
    try:
        if form == "ods":
            scans = scan_ods(_part(container, "content.xml"))
        else:
            paths = _sheet_paths(container)
            scans = {
                name: scan_xlsx(_part(container, path))
                for name, path in paths.items()
                if agreed in ("", name)
            }
    except NotWellFormed:
        raise damaged() from None
    for name, scan in scans.items():
        if scan.cells > MOST_CELLS:
            raise Refusal(
                "not_workbook",
                f"sheet “{name[:40]}” reaches to row {scan.rows} and column {scan.columns}; "
                "send a sheet that holds the table only",
            )
    return scans


def _protected() -> Refusal:
    return Refusal("protected", "the workbook is protected by a password; send it without one")


def _kind(container: zipfile.ZipFile) -> str:
    names = set(container.namelist())
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and container.read("mimetype").strip() == _ODS_TYPE:
        return "ods"
    return ""


def _part(container: zipfile.ZipFile, name: str) -> bytes:
    try:
        return container.read(name)
    except _DAMAGE:
        raise damaged() from None


def _well_formed(container: zipfile.ZipFile, name: str) -> None:
    try:
        check_xml(_part(container, name))
    except NotWellFormed:
        raise damaged() from None


def _sheet_paths(container: zipfile.ZipFile) -> dict[str, str]:
    """Where the XML of each worksheet of an Excel workbook lies, by the sheet's name."""
    workbook = _tree(_part(container, "xl/workbook.xml"))
    relations = {
        entry.get("Id"): entry.get("Target", "")
        for entry in _tree(_part(container, "xl/_rels/workbook.xml.rels"))
        if entry.get("Type", "").endswith("/worksheet")
    }
    return {
        entry.get("name", ""): str(PurePosixPath("/xl") / relations[entry.get(_RELATION)])[1:]
        for entry in workbook.iter()
        if entry.tag.endswith("}sheet") and entry.get(_RELATION) in relations
    }


def _tree(content: bytes) -> Element:
    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        raise damaged() from None
    return root
