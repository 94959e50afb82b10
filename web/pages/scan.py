# SPDX-License-Identifier: Apache-2.0
"""The camera of a phone as a scanner; what it reads leads where the find box would."""

import falcon

from web.guarding import HEADERS
from web.language import _
from web.permissions import Anyone, Route
from web.showing import MenuItem, show
from web.site import Site
from web.visits import visit

PATH = "/scan"
_CSP = "Content-Security-Policy"
# Nowhere else: the camera, and the reader of codes, which is compiled to WebAssembly.
_MORE = {
    _CSP: f"{HEADERS[_CSP]}; script-src 'self' 'wasm-unsafe-eval'",
    "Permissions-Policy": HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)"),
}


class Scan:
    """Falcon resource: the camera, and a box for the digits where there is none."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it; the browser looks through the camera by itself and then asks as usual."""
        visit(req).place = PATH
        resp.set_headers(_MORE)
        show(req, resp, "scan.pt", title=_("Scan"))


MENU = (MenuItem(path=PATH, title="Scan", icon="scan-barcode", need=Anyone.SIGNED_IN, rank=1),)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """For everybody who is signed in: it finds what they may see."""
    return [Route(path=PATH, page=Scan(), need=Anyone.SIGNED_IN)]
