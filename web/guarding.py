# SPDX-License-Identifier: Apache-2.0
"""What every web app of a node asks of a request, and says on the way out."""

import falcon

from web.csrf import FIELD, is_from_here, is_right
from web.forms import read_form
from web.language import _

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none';"
        " form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def check_form(req: falcon.Request, page: object, *, secret: bytes, seed: str) -> None:
    """Read a form that a page of ours sent; it is `req.context.form`, its files beside it.

    `seed` is what only this browser has. Raises falcon.HTTPForbidden for any other.
    """
    if not is_from_here(req):
        raise falcon.HTTPForbidden(
            title=_("This request came from another site"),
            description=_("Nothing was changed. Open the page here and try again."),
        )
    sent = read_form(req, page)
    req.context.form, req.context.files = sent.fields, sent.files
    if not is_right(secret, seed, req.context.form.get(FIELD, "")):
        raise falcon.HTTPForbidden(
            title=_("This form is too old"),
            description=_("Nothing was changed. Go back, reload the page and send it again."),
        )


def address(req: falcon.Request) -> str | None:
    """Give the address of the browser, as nginx tells it or as the connection has it.

    What a header says is believed on the Unix socket only, where nobody but nginx is.
    """
    peer: str = req.env.get("REMOTE_ADDR", "")
    if peer:
        return peer
    forwarded = req.get_header("X-Forwarded-For") or ""
    return forwarded.rpartition(",")[2].strip() or None
