# SPDX-License-Identifier: Apache-2.0
"""By which a node knows whose message came: signed with the probe's key, which never travels."""

import hmac
from hashlib import sha256

from tempmon_client.fields import WireError

KEY_BYTES = 32
_SCHEME = "Poser-Probe"


def authorization(serial: str, key: bytes, path: str, body: bytes) -> str:
    """Return the header by which a node knows whose message this is."""
    return f"{_SCHEME} serial={serial}, signature={signature(key, path, body)}"


def signature(key: bytes, path: str, body: bytes) -> str:
    """Sign a message (HMAC with SHA-256) for one path of the node."""
    return hmac.new(key, path.encode() + b"\n" + sha256(body).digest(), sha256).hexdigest()


def signed_by(header: str) -> tuple[str, str]:
    """Return serial and signature of a header; raises WireError for any other."""
    scheme, _, rest = header.partition(" ")
    words = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != _SCHEME or set(words) != {"serial", "signature"}:
        raise WireError(f"authorization: it does not begin with {_SCHEME} serial=")
    return words["serial"], words["signature"]


def is_signed(key: bytes, path: str, body: bytes, shown: str) -> bool:
    """Tell whether a signature is that of a key, in the same time whatever is wrong."""
    return hmac.compare_digest(signature(key, path, body).encode(), shown.encode())
