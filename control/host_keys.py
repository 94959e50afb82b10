# SPDX-License-Identifier: Apache-2.0
"""Host keys: which key each machine must show, in OpenSSH's known_hosts format."""

import base64
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from control import private_files
from control.secrets import Secrets

FILE = "known_hosts"
_DEFAULT_PORT = 22


def path(secrets: Secrets) -> Path:
    """Return the known_hosts file of the inventory."""
    return secrets.folder / FILE


def name(address: str, port: int = _DEFAULT_PORT) -> str:
    """Return how known_hosts calls a machine: its address, with the port if it is not 22."""
    return address if port == _DEFAULT_PORT else f"[{address}]:{port}"


def pinned(secrets: Secrets, address: str, port: int = _DEFAULT_PORT) -> tuple[str, ...]:
    """Return the keys a machine may show, as "TYPE BASE64" texts; empty when it is unknown."""
    wanted = name(address, port)
    lines = (line.partition(" ") for line in (secrets.read(FILE) or "").splitlines())
    return tuple(key for host, _, key in lines if host == wanted)


def pin(secrets: Secrets, address: str, key: str, port: int = _DEFAULT_PORT) -> None:
    """Make `key` ("TYPE BASE64", a comment is dropped) the only one that a machine may show."""
    kind, data = key.split()[:2]
    with _locked(secrets):
        kept = _without(secrets, name(address, port))
        secrets.replace(FILE, "".join((*kept, f"{name(address, port)} {kind} {data}\n")))


def forget(secrets: Secrets, address: str, port: int = _DEFAULT_PORT) -> None:
    """Forget the key of a machine that is no more."""
    with _locked(secrets):
        secrets.replace(FILE, "".join(_without(secrets, name(address, port))))


def fingerprint(key: str) -> str:
    """Return the fingerprint of a key "TYPE BASE64" as ssh shows it: SHA256:..."""
    digest = hashlib.sha256(base64.b64decode(key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _without(secrets: Secrets, host: str) -> list[str]:
    lines = (secrets.read(FILE) or "").splitlines(keepends=True)
    return [line for line in lines if line.partition(" ")[0] != host]


@contextmanager
def _locked(secrets: Secrets) -> Iterator[None]:
    """Let one run at a time change the file; machines are pinned in parallel."""
    lock = private_files.folder(secrets.folder) / f".{FILE}.lock"
    with lock.open("w") as handle:
        lock.chmod(private_files.FILE_MODE)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
