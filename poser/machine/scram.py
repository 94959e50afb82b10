# SPDX-License-Identifier: Apache-2.0
"""SCRAM-SHA-256 verifiers, so that PostgreSQL never sees a password in the clear.

Source: RFC 5803, and src/common/scram-common.c of PostgreSQL for the form it stores:
SCRAM-SHA-256$ITERATIONS:SALT$STORED_KEY:SERVER_KEY
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode

from poser.errors import PoserError

ITERATIONS = 4096


def verifier(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """Return the verifier of a password. Only ASCII: other text would need SASLprep."""
    if not password.isascii() or not password.isprintable():
        raise PoserError(
            "a database password has characters other than printable ASCII",
            hint="choose one of letters, digits and ASCII signs",
        )
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    keys = f"{_text(stored_key)}:{_text(server_key)}"
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${keys}"


def fits(password: str, stored: str) -> bool:
    """Say whether a stored verifier is that of this password."""
    match stored.split("$"):
        case ["SCRAM-SHA-256", head, _] if ":" in head:
            iterations, _, salt = head.partition(":")
            expected = verifier(password, b64decode(salt), int(iterations))
            return hmac.compare_digest(expected, stored)
    return False


def _text(data: bytes) -> str:
    return b64encode(data).decode()
