# SPDX-License-Identifier: Apache-2.0
"""SHA-256 without OpenSSL: loading that costs 10 ms of each run, and nothing here needs its speed.

The standard library's `random` does the same for the same reason.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256
    except ImportError:  # before Python 3.12
        from hashlib import sha256

__all__ = ["digest", "sha256"]


def digest(data: bytes) -> str:
    """Return the SHA-256 of these bytes in hexadecimal."""
    return sha256(data).hexdigest()
