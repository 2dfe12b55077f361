"""The container of a workbook: the kind of file, whether it is complete, and its sheets.

The library that reads the cells unpacks everything it finds, whatever the cost. So every part is first
unpacked here, up to its declared size, and measured: a part that is not as declared is refused.

Our own unpacking, not `ZipFile.open`: that stops at the declared size and does not say that there is
more, so that 50 MB declared as 100 bytes, with their checksum, pass as sound.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from orchestration.core.refusal import Refusal
from orchestration.ingest.readers.sheet_scan import (
    MOST_CELLS,
    MOST_TEXT,
    NotWellFormed,
    Scan,
    check_xml,
    scan_ods,
    scan_xlsx,
)
from orchestration.ingest.readers.table import refuse_other_kinds, shown

KINDS = {"xlsx": "an Excel workbook (.xlsx)", "ods": "an OpenDocument spreadsheet (.ods)"}

_OLD_CONTAINER = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
# Of a workbook as most programs write it, and of a “Strict Open XML Spreadsheet” (ISO/IEC 29500).
_RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
# How far a sheet reaches, by its own account: a hint, which some programs write wrongly.
_DIMENSION = re.compile(rb"<((?:\w+:)?)dimension\b[^<>]*?(?:/>|>\s*</\1dimension\s*>)")
_SOUND = re.compile(rb"\bref=[\"'][A-Z]{1,3}[1-9][0-9]{0,6}(:[A-Z]{1,3}[1-9][0-9]{0,6})?[\"']")
_MOST_BYTES = 1 << 29  # unpacked
_MOST_TAGS = 2 * MOST_CELLS
_SHARED = "xl/sharedstrings.xml"
_END, _END_SIZE = b"PK\x05\x06", 22
# What the zip library raises on a damaged directory; it has no single error for that.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, OSError, OverflowError,
    RuntimeError, ValueError,
)  # fmt: skip


class Container:
    """The zip file that a workbook is. Names of its parts are compared as office programs do."""

    def __init__(self, content: bytes) -> None:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
        self._content = content
        self._entries = {_plain(entry.filename): entry for entry in entries}
        # Two parts of one name, or something after the end, and two programs read two workbooks.
        if len(self._entries) < len(entries) or content[-_END_SIZE:][:4] != _END:
            raise damaged()
        self.size = sum(entry.file_size for entry in entries)

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def spelt(self, name: str) -> str:
        """The name of a part as the file spells it."""
        return self._entries[name].filename

    def part(self, name: str) -> bytes:
        """One part, unpacked: as long as the directory says, and with its checksum.

        Raises:
            Refusal: there is no such part, or it is not as the directory says.
        """
        try:
            entry = self._entries[_plain(name)]
            at = entry.header_offset
            name_length, more_length = struct.unpack("<HH", self._content[at + 26 : at + 30])
            start = at + 30 + name_length + more_length
            packed = self._content[start : start + entry.compress_size]
            content = _unpacked(packed, entry)
        except (LookupError, struct.error, zlib.error):
            raise damaged() from None
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise damaged()
        return content


def _plain(name: str) -> str:
    return name.replace("\\", "/").casefold()


def _unpacked(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:  # encrypted
        raise damaged()
    if entry.compress_type == zipfile.ZIP_STORED:
        return packed
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged()  # no office program uses another compression
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    content = stream.decompress(packed, entry.file_size + 1)
    # One byte more than declared, or a premature end: the directory is wrong.
    return content if stream.eof else b""


def damaged() -> Refusal:
    """The refusal of a workbook that cannot be read whole."""
    return Refusal("not_workbook", "the workbook is damaged and cannot be opened")


def open_container(content: bytes, form: str) -> Container:
    """The workbook as the zip file that it is, every part of it whole and none too large.

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
        container = Container(content)
        kind = _kind(container)
    except _DAMAGE:
        raise damaged() from None
    if kind != form:
        what = KINDS.get(kind, "a zip file of another kind")
        raise Refusal("not_workbook", f"the file is {what}; expected {expected}")
    if kind == "ods" and b"encryption-data" in container.part("META-INF/manifest.xml"):
        raise _protected()
    if container.size > _MOST_BYTES:
        raise Refusal("too_large", "the workbook unpacks to more than half a gigabyte")
    for name in container.names:
        part = container.part(name)
        if name.endswith((".xml", ".rels")):
            _check_part(part)
    return container


def without_false_extent(container: Container, form: str, content: bytes) -> bytes:
    """The workbook without statements of a sheet's extent that are none, such as `A0:F3`.

    Office programs ignore them; the library that reads the cells stops.
    """
    if form != "xlsx":
        return content
    false = {
        path
        for path in _sheet_paths(container).values()
        if (said := _DIMENSION.search(container.part(path))) and not _SOUND.search(said[0])
    }
    if not false:
        return content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as mended:
        for name in container.names:
            part = container.part(name)
            if name in set(map(_plain, false)):
                part = _DIMENSION.sub(b"", part, count=1)
            mended.writestr(container.spelt(name), part)
    return out.getvalue()


def counts_from_1904(container: Container, form: str) -> bool:
    """Whether the workbook's serial numbers count days from 1904 instead of 1900."""
    if form != "xlsx":
        return False
    workbook = container.part("xl/workbook.xml")
    return re.search(rb"\bdate1904=[\"'](?:1|true|on)[\"']", workbook) is not None


def scan_sheets(container: Container, form: str, agreed: str) -> dict[str, Scan]:
    """How far sheets reach and which of their rows hold errors, by the sheet's name.

    An OpenDocument file is read whole, so all of its sheets count; of an Excel workbook only the
    `agreed` one ("": any).

    Raises:
        Refusal: a sheet reaches so far that laying it out would take the machine down.
    """
    try:
        if form == "ods":
            scans = scan_ods(container.part("content.xml"))
        else:
            shared = container.part(_SHARED) if _SHARED in container.names else b""
            scans = {
                name: scan_xlsx(container.part(path), shared)
                for name, path in _sheet_paths(container).items()
                if agreed in ("", name)
            }
    except NotWellFormed:
        raise damaged() from None
    for name, scan in scans.items():
        if scan.cells > MOST_CELLS:
            raise Refusal(
                "not_workbook",
                f"sheet “{shown(name)}” reaches to row {scan.rows} and column {scan.columns}; "
                "send a sheet that holds the table only",
            )
    # An OpenDocument file is laid out whole, and one cell in it may represent millions.
    if sum(scan.cells for scan in scans.values()) > MOST_CELLS:
        raise Refusal("too_large", f"the workbook holds more than {MOST_CELLS:,} cells")
    if sum(scan.text for scan in scans.values()) > MOST_TEXT:
        raise Refusal("too_large", "the workbook repeats its texts to more than half a gigabyte")
    return scans


def _protected() -> Refusal:
    return Refusal("protected", "the workbook is protected by a password; send it without one")


def _kind(container: Container) -> str:
    if "xl/workbook.xml" in container.names:
        return "xlsx"
    if "mimetype" in container.names and container.part("mimetype").strip() == _ODS_TYPE:
        return "ods"
    return ""


def _check_part(content: bytes) -> None:
    if content.count(b"<") > _MOST_TAGS:
        raise Refusal("too_large", f"the workbook holds more than {_MOST_TAGS:,} tags")
    try:
        check_xml(content)
    except NotWellFormed:
        raise damaged() from None


def _sheet_paths(container: Container) -> dict[str, str]:
    """The path of each worksheet's XML in an Excel workbook, by the sheet's name."""
    workbook = _tree(container.part("xl/workbook.xml"))
    relations = {
        entry.get("Id"): entry.get("Target", "")
        for entry in _tree(container.part("xl/_rels/workbook.xml.rels"))
        if entry.get("Type", "").endswith("/worksheet")
    }
    sheets = [
        entry
        for entry in workbook.iter()
        if entry.tag.endswith("}sheet") and _relation(entry) in relations
    ]
    paths = {
        entry.get("name", ""): str(PurePosixPath("/xl") / relations[_relation(entry)])[1:]
        for entry in sheets
    }
    # A part without an XML name was not checked; two sheets of the same name cannot be distinguished.
    if len(paths) < len(sheets) or not all(path.endswith(".xml") for path in paths.values()):
        raise damaged()
    return paths


def _relation(sheet: Element) -> str | None:
    return next((sheet.get(name) for name in _RELATIONS if sheet.get(name)), None)


def _tree(content: bytes) -> Element:
    try:
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        raise damaged() from None
    return root
