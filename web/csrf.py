# SPDX-License-Identifier: Apache-2.0
"""Proof that a form was filled in on a page of ours, by the browser that sends it.

Two things are asked of each request that may change something: that the browser itself
says it comes from this site (Sec-Fetch-Site or Origin), and a token that only a page of
ours could have. Each page gets another token, so that compressed pages do not leak it.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

import falcon

FIELD = "csrf"
_SALT_DIGITS = 32


def make_token(secret: bytes, seed: str) -> str:
    """Make a token for one page; `seed` is what only this browser has."""
    salt = secrets.token_hex(_SALT_DIGITS // 2)
    return salt + _sign(secret, salt, seed)


def is_right(secret: bytes, seed: str, token: str) -> bool:
    """Tell whether `token` was made for the browser with this seed."""
    salt, signature = token[:_SALT_DIGITS], token[_SALT_DIGITS:]
    expected = _sign(secret, salt, seed)
    return bool(seed) and hmac.compare_digest(signature.encode(), expected.encode())


def is_from_here(req: falcon.Request) -> bool:
    """Tell whether the browser says that a page of this very site sent the request.

    A request that says nothing of the kind is refused.
    """
    site = req.get_header("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(req.get_header("Origin") or "")
    return bool(origin.netloc) and origin.netloc == req.get_header("Host")


def _sign(secret: bytes, salt: str, seed: str) -> str:
    return hmac.new(secret, f"csrf {salt} {seed}".encode(), hashlib.sha256).hexdigest()
