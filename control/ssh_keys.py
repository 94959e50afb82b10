# SPDX-License-Identifier: Apache-2.0
"""The key with which the control environment signs in to machines."""

from dataclasses import dataclass
from pathlib import Path

from control.secrets import Secrets

PRIVATE, PUBLIC = "ssh/id_ed25519", "ssh/id_ed25519.pub"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An SSH key: the file of its private half, and the line of its public half."""

    path: Path
    public: str


def sign_in_key(secrets: Secrets) -> KeyPair:
    """Return the key pair of the inventory; it is made the first time."""
    private = secrets.text(PRIVATE, new_private_key)
    public = secrets.text(PUBLIC, lambda: public_line(private))
    return KeyPair(path=secrets.folder / PRIVATE, public=public.strip())


def new_private_key() -> str:
    """Return a new Ed25519 private key in OpenSSH's format."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (slow, rarely needed)
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    ).decode()


def public_line(private: str, comment: str = "poser") -> str:
    """Return the line for authorized_keys or known_hosts of an OpenSSH private key."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    key = serialization.load_ssh_private_key(private.encode(), password=None).public_key()
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{line.decode()} {comment}\n"
