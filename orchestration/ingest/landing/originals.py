"""The bytes as received: whether those that are kept are still those that came."""

from __future__ import annotations

from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt
from orchestration.protection import vault


def is_sound(settings: Settings, receipt: Receipt) -> bool:
    """Whether the kept file is there and, opened by the vault's key if it is sealed, is what was received.

    Raises:
        KeyFileError: it is sealed, and the key that opens it is not set.
    """
    try:
        with vault.opened(settings, receipt.bytes_path(settings), receipt.sha256):
            return True
    except Refusal:
        return False
