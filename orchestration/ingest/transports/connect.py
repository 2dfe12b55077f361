"""From a deployment's entry to the transport that reads it."""

from __future__ import annotations

from pathlib import Path

from orchestration.ingest.transports.base import Source
from orchestration.ingest.transports.failures import PermanentFailure
from orchestration.ingest.transports.folder import FolderSource
from orchestration.ingest.transports.terms import Entry


def connect(entry: Entry) -> Source:
    """The source of an entry. No connection is made before it is listed.

    Raises:
        SourceError: its credentials or its CA file cannot be used.
    """
    if entry.ca_file is not None and not entry.ca_file.is_file():
        raise PermanentFailure(f"{entry.name}: the CA file {entry.ca_file.name} is not there")
    if entry.kind == "folder":
        return FolderSource(Path(entry.address), entry.name, entry.max_files, entry.file_seconds)
    if entry.kind == "sftp":
        from orchestration.ingest.transports.sftp import SftpSource

        return SftpSource(entry)
    if entry.kind == "https":
        from orchestration.ingest.transports.https_files import HttpsSource

        return HttpsSource(entry)
    if entry.kind == "s3":
        from orchestration.ingest.transports.s3 import S3Source

        return S3Source(entry)
    if entry.kind == "police_archive":
        from orchestration.ingest.transports.police_archive import PoliceArchive

        return PoliceArchive(entry)
    assert entry.kind == "police_api"
    from orchestration.ingest.transports.police_api import PoliceApi

    return PoliceApi(entry)
