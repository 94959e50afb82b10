# SPDX-License-Identifier: Apache-2.0
"""The site as browsers know it, which passkeys are bound to."""

import falcon

from poser.auth.passkeys import Place
from web.visits import visit


def place_of(req: falcon.Request) -> Place:
    """Give host and origin of this site; behind nginx the scheme is what the settings say."""
    scheme = "https" if visit(req).site.is_secure else "http"
    return Place(host=req.host, origin=f"{scheme}://{req.get_header('Host') or req.host}")
