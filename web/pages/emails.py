# SPDX-License-Identifier: Apache-2.0
"""Emails that this node sends: who gets which, how they look, what became of them."""

from web.mails.pages import EDIT, PATH, SEE, SEND, EmailList, EmailPage, EmailPreview, EmailSend
from web.permissions import Route
from web.resources import Area
from web.showing import MenuItem
from web.site import Site

MENU = (
    MenuItem(path=PATH, title="Emails", icon="mail", need=SEE, rank=82, area=Area.SYSTEM.value),
)

PERMISSIONS = (SEE, EDIT, SEND)


def routes(site: Site) -> list[Route]:
    """List the pages; to change or send something needs a permission besides."""
    one = PATH + "/{key}"
    return [
        Route(path=PATH, page=EmailList(), need=SEE),
        Route(path=one, page=EmailPage(site), need=SEE),
        Route(path=one + "/preview", page=EmailPreview(), need=SEE),
        Route(path=one + "/send", page=EmailSend(site), need=SEND),
    ]
