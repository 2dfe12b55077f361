"""An object store of the S3 kind, through fsspec."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports.failures import (
    FileRefused,
    PermanentFailure,
    TransientFailure,
)
from orchestration.ingest.transports.file_names import shown
from orchestration.ingest.transports.folder import FilesystemSource
from orchestration.ingest.transports.terms import Entry

_BLOCK = 8 << 20  # fetched at once


class S3Source(FilesystemSource):
    """A bucket, or the part of it under a prefix. Objects are either complete or absent."""

    def __init__(self, entry: Entry) -> None:
        address = urlsplit(entry.address)
        root = f"{address.netloc}{address.path}"
        super().__init__(_filesystem(entry), root, entry.name, entry.max_files, entry.file_seconds)

    def translate(self, problem: Exception, path: str = "") -> SourceError | None:
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
        )

        if isinstance(problem, PermissionError):
            return PermanentFailure(f"{self.label}: the store refused our key")
        if isinstance(problem, FileNotFoundError):
            if path:
                return FileRefused(f"{shown(path)} is no longer there")
            return PermanentFailure(f"{self.label}: there is no such bucket or prefix")
        # s3fs raises errors that it cannot classify as OSError; an unknown access key is one of them.
        if any(word in str(problem) for word in ("InvalidAccessKeyId", "SignatureDoesNotMatch")):
            return PermanentFailure(f"{self.label}: the store refused our key")
        if isinstance(problem, OSError | BotoCoreError | ClientError | TimeoutError):
            what = shown(path) if path else "its folder"
            return TransientFailure(
                f"{self.label}: the connection failed at {what} ({type(problem).__name__})"
            )
        return None


def _filesystem(entry: Entry) -> Any:
    import s3fs  # type: ignore[import-untyped]

    assert entry.access_key is not None
    assert entry.secret_key is not None
    filesystem = s3fs.S3FileSystem(
        key=entry.access_key.read(),
        secret=entry.secret_key.read(),
        endpoint_url=entry.endpoint or None,
        client_kwargs={
            "region_name": entry.region,
            "verify": str(entry.ca_file) if entry.ca_file else True,
        },
        config_kwargs={
            "connect_timeout": entry.timeout_seconds,
            "read_timeout": entry.timeout_seconds,
            "retries": {"max_attempts": 0},
            "proxies": {},
        },
        use_listings_cache=False,
        skip_instance_cache=True,
        default_cache_type="readahead",
        default_block_size=_BLOCK,
    )
    filesystem.retries = 1  # landing tries again, for every transport alike
    return filesystem
