# SPDX-License-Identifier: Apache-2.0
"""Settings: each value, where it is from, who changed it, and the way back."""

from web.options.pages import EDIT, PATH, SEE, SettingList, SettingPage
from web.permissions import Route
from web.resources import Area
from web.showing import MenuItem
from web.site import Site

MENU = (
    MenuItem(
        path=PATH,
        title="Settings",
        icon="settings",
        need=SEE,
        rank=80,
        area=Area.SYSTEM.value,
    ),
)

PERMISSIONS = (SEE, EDIT)


def routes(site: Site) -> list[Route]:
    """List the pages; to change something needs a permission besides."""
    return [
        Route(path=PATH, page=SettingList(), need=SEE),
        Route(path=PATH + "/{name}", page=SettingPage(site), need=SEE),
    ]
