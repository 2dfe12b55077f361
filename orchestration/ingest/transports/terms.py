"""Sources as data: what a file at a source is, and what a deployment says of a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.ingest.transports.credentials import Secret

SYNTHETIC_MARKER = "SYNTHETIC.json"
DEFAULT_MAX_BYTES = 2 << 30
DEFAULT_MAX_FILES = 20_000


@dataclass(frozen=True)
class SourceFile:
    """One file at the source. `path` is relative to the source; `modified` is seconds (UTC).

    `size` is `None` where the source cannot say it before the file is made. `tag` is the source's
    own identifier of the content (an ETag, a checksum) and, if there is one, overrides the time.
    `sha256` is the publisher's own checksum. `refused` says why the file cannot be taken.
    """

    path: str
    size: int | None
    modified: float
    tag: str = ""
    sha256: str = ""
    refused: str = ""

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Terms:
    """What landing holds a source to.

    `feeds`: what may come from it (`None`: any). `settle_seconds`: a new file must look the same
    twice, so far apart. `marker`: ending of the empty file that says that its neighbour is whole.
    `reread`: look into files whose size and time are as before. An unnamed source is a folder or
    URL given for one run: files that are not in it have not been withdrawn.
    """

    name: str = ""
    feeds: tuple[str, ...] | None = None
    retries: int = 0
    backoff_seconds: float = 2.0
    settle_seconds: float = 0.0
    marker: str = ""
    max_bytes: int = DEFAULT_MAX_BYTES
    max_bytes_by_feed: Mapping[str, int] = field(default_factory=dict)
    reread: bool = False

    def limit(self, feed: str) -> int:
        """How many bytes a file of the feed may hold."""
        return self.max_bytes_by_feed.get(feed, self.max_bytes)


@dataclass(frozen=True)
class Entry:
    """One source of the deployment: its address, how it is read, and the keys that identify it.

    Each kind uses the fields that its row in `sources.py` allows; the others keep their defaults.
    Secrets are named here and read only when a connection is made.
    """

    kind: str
    address: str
    terms: Terms
    timeout_seconds: float = 30.0
    file_seconds: float = 3600.0
    max_files: int = DEFAULT_MAX_FILES
    private_key: Path | None = None
    passphrase: Secret | None = None
    host_keys: tuple[str, ...] = ()
    ca_file: Path | None = None
    token: Secret | None = None
    proxy: str = ""
    redirects_to: tuple[str, ...] = ()
    endpoint: str = ""
    region: str = "eu-west-2"
    access_key: Secret | None = None
    secret_key: Secret | None = None
    forces: tuple[str, ...] = ()
    polygons: tuple[str, ...] = ()
    boundaries: Path | None = None
    boundary_code: str = "LSOA21CD"
    boundary_name: str = "LSOA21NM"
    months: int = 36
    requests_a_second: float = 15.0

    @property
    def name(self) -> str:
        return self.terms.name
