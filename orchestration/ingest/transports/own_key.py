"""Our private key for SFTP, in any form that OpenSSH or OpenSSL write."""

from __future__ import annotations

import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
# The SSH library reads each kind of key well in one form only (and encrypted ones hardly).
_FORMS: dict[type, tuple[type[paramiko.PKey], PrivateFormat]] = {
    Ed25519PrivateKey: (paramiko.Ed25519Key, PrivateFormat.OpenSSH),
    EllipticCurvePrivateKey: (paramiko.ECDSAKey, PrivateFormat.TraditionalOpenSSL),
    RSAPrivateKey: (paramiko.RSAKey, PrivateFormat.TraditionalOpenSSL),
}


def read_key(content: bytes, passphrase: str | None) -> paramiko.PKey:
    """The key that is written in `content`.

    Raises:
        ValueError: it is not a private key of a known kind, or the passphrase is wrong.
    """
    load = load_ssh_private_key if content.lstrip().startswith(_OPENSSH) else load_pem_private_key
    try:
        key = load(content, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ValueError("the key cannot be read") from problem
    for kind, (kind_for_ssh, form) in _FORMS.items():
        if isinstance(key, kind):
            text = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
            return kind_for_ssh.from_private_key(io.StringIO(text))
    raise ValueError("the key is of a kind that is not used")
