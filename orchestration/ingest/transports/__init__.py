"""Transports: every place that extracts are pulled from, behind one interface.

A folder, SFTP, HTTPS files, an S3 store, the archive and the API of data.police.uk: each is a
`Source` with `files()`, `open()` and `is_synthetic()`, and fails by kind (failures.py). What a
deployment says of its sources is read in `sources.py`.
"""

from orchestration.ingest.transports.base import Source
from orchestration.ingest.transports.connect import connect
from orchestration.ingest.transports.folder import open_source
from orchestration.ingest.transports.terms import SYNTHETIC_MARKER, Entry, SourceFile, Terms

# The door: names, and modules of names, that other rooms may use.
__all__ = [
    "SYNTHETIC_MARKER",
    "Entry",
    "Source",
    "SourceFile",
    "Terms",
    "base",
    "connect",
    "credentials",
    "failures",
    "file_names",
    "http",
    "open_source",
    "retry",
    "sources",
]
