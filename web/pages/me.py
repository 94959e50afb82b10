# SPDX-License-Identifier: Apache-2.0
"""My account, becoming root, and the door for passkeys."""

from web.pages.signing_in import Checks
from web.permissions import Anyone, Route
from web.rights import BECOME_ROOT
from web.site import Site
from web.users.account import PATH, AccountPage
from web.users.passkey_door import PasskeyDoor
from web.users.root import LeaveRoot, RootPage


def routes(site: Site) -> list[Route]:
    """List what everybody has for themselves."""
    check = Checks(site)
    return [
        Route(path=PATH, page=AccountPage(check), need=Anyone.SIGNED_IN),
        Route(path="/root", page=RootPage(check), need=BECOME_ROOT),
        Route(path="/root/leave", page=LeaveRoot(), need=Anyone.SIGNED_IN),
        Route(path="/sign-in/passkey", page=PasskeyDoor(site, check), need=Anyone.PUBLIC),
    ]
