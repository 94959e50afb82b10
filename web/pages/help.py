# SPDX-License-Identifier: Apache-2.0
"""Help: reached by the question mark of each page, and by the key ?."""

from web.help.page import EDIT, PATH, Editor, Help, Keys
from web.permissions import Anyone, Route
from web.site import Site


def routes(site: Site) -> list[Route]:
    """List the pages of help; what the retailer writes is written at head office."""
    site.kept_there[EDIT.name] = "Help"
    return [
        Route(path=PATH, page=Help(), need=Anyone.SIGNED_IN),
        Route(path=PATH + "/keys", page=Keys(), need=Anyone.SIGNED_IN),
        Route(path=PATH + "/edit", page=Editor(), need=EDIT),
    ]
