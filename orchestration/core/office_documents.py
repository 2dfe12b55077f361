"""Workbooks: the same content gives the same bytes, whenever and beside whatever else it is written."""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from pathlib import Path
from threading import Lock
from typing import Any

from orchestration.core.errors import WarehouseError

ONE_AT_A_TIME = Lock()
"""Held while odfpy writes: it keeps its namespaces in one table for the whole process."""
_CLOCK = (1980, 1, 1, 0, 0, 0)  # the earliest day that a zip file can name
_STAMP, _MOMENT = b"1980-01-01T00:00:00Z", rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?"
_ROOT = re.compile(rb"<[\w-]+:[\w-]+[^>]*>")


class OtherWriter(WarehouseError):
    """openpyxl would write with lxml, and so other bytes. The message says how to prevent it."""


def excel() -> Any:
    """openpyxl, writing with the standard library though lxml may be installed: the only import of it.

    With lxml it orders attributes and declares namespaces otherwise, so that the same extract would be
    a correction on a machine that has lxml for some other purpose. It decides when it is first imported.

    Raises:
        OtherWriter: something else in this process has imported openpyxl before, and lxml is installed.
    """
    if "openpyxl" not in sys.modules:
        os.environ["OPENPYXL_LXML"] = "False"
    import openpyxl

    if openpyxl.LXML:
        raise OtherWriter(
            "openpyxl was loaded with lxml before the warehouse, and would write other bytes: "
            "set OPENPYXL_LXML=False before starting Python, then try again"
        )
    return openpyxl


def fix_bytes(path: Path) -> None:
    """Rewrite the zip of a workbook (XLSX or ODS) so that nothing depends on the time or the process.

    Its entries and XLSX's properties get a fixed timestamp, and the parts of an ODS declare only the
    namespaces that they use.
    """
    again = io.BytesIO()
    with zipfile.ZipFile(path) as found, zipfile.ZipFile(again, "w") as fixed:
        for entry in found.infolist():
            content = found.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(_MOMENT, _STAMP, content)
            if path.suffix == ".ods" and entry.filename.endswith(".xml"):
                content = _used_namespaces(content)
            member = zipfile.ZipInfo(entry.filename, _CLOCK)
            member.compress_type, member.create_system = entry.compress_type, 0
            fixed.writestr(member, content)
    path.write_bytes(again.getvalue())


def _used_namespaces(content: bytes) -> bytes:
    """Declare only the namespaces in use, in order: odfpy declares all those its process ever used."""
    root = _ROOT.search(content)
    if root is None:
        return content
    name, *_ = root[0].split(b" ", 1)
    declared = dict(re.findall(rb' xmlns:(\w+)="([^"]*)"', root[0]))
    rest = re.sub(rb' xmlns:\w+="[^"]*"', b"", root[0])[len(name) :] + content[root.end() :]
    used = [
        prefix
        for prefix in sorted(declared, reverse=True)
        if name.startswith(b"<%s:" % prefix) or b"<%s:" % prefix in rest or b" %s:" % prefix in rest
    ]
    declarations = b"".join(b' xmlns:%s="%s"' % (prefix, declared[prefix]) for prefix in used)
    return content[: root.start()] + name + declarations + rest
