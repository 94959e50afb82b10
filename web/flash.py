# SPDX-License-Identifier: Apache-2.0
"""One sentence for the next page: what was just done, and the way to undo it.

It travels in a signed cookie, so that the page after a redirect says it, once, whichever
worker makes that page. `undo` is an address that takes a POST and undoes what was done.
"""

import base64
import hashlib
import hmac
import json
from typing import NamedTuple

import falcon

from web.cookies import drop_cookie, get_cookie, set_cookie
from web.surroundings import Surroundings
from web.urls import is_local

COOKIE = "poser-flash"
LIFE_S = 300
LONGEST = 600
_LONGEST_COOKIE = 3_600
_SIGNATURE_DIGITS = 64


class Flash(NamedTuple):
    """What the next page says; with `undo`, it offers a button that posts there."""

    text: str
    undo: str | None = None


def flash(resp: falcon.Response, text: str, undo: str | None = None) -> None:
    """Let the next page that this browser shows say `text`, with a way to undo."""
    if undo is not None and not is_local(undo):
        raise ValueError(f"{undo!r} is no path of this site")
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    resp.context.flash = Flash(text, undo)


def send_flash(site: Surroundings, resp: falcon.Response) -> None:
    """Write what `flash` was told into the browser's cookie; the gate does so at the end."""
    said: Flash | None = getattr(resp.context, "flash", None)
    if said is None:
        return
    written = base64.urlsafe_b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()
    set_cookie(site, resp, COOKIE, _sign(site, written) + written, max_age_s=LIFE_S)


def take_flash(site: Surroundings, req: falcon.Request, resp: falcon.Response) -> Flash | None:
    """Give what this page has to say, and see to it that no later page says it again."""
    cookie = get_cookie(site, req, COOKIE, longest=_LONGEST_COOKIE)
    if not cookie:
        return None
    drop_cookie(site, resp, COOKIE)
    signature, written = cookie[:_SIGNATURE_DIGITS], cookie[_SIGNATURE_DIGITS:]
    if not hmac.compare_digest(signature.encode(), _sign(site, written).encode()):
        return None
    return Flash(*json.loads(base64.urlsafe_b64decode(written)))


def _sign(site: Surroundings, written: str) -> str:
    return hmac.new(site.secret, f"flash {written}".encode(), hashlib.sha256).hexdigest()
