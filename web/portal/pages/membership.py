# SPDX-License-Identifier: Apache-2.0
"""The customer's membership, and asking for one."""

from typing import NamedTuple
from uuid import UUID

import falcon

from poser.errors import PoserError
from poser.portal.doing import Deed
from poser.portal.memberships import Membership, Standing, ask_to_join, memberships_of, offered
from web.flash import flash
from web.formats import day, money
from web.language import _, mark
from web.portal.calls import Route, call, reading_self, writing_self
from web.portal.pages.door import sentence
from web.portal.showing import see_other, show
from web.portal.site import Portal

PATH = "/membership"
_SAID = {
    Standing.ASKED: mark("Requested"),
    Standing.ACTIVE: mark("Active"),
    Standing.PAUSED: mark("Paused"),
    Standing.ENDED: mark("Ended"),
}


class Said(NamedTuple):
    """One membership as pages show it."""

    number: str
    kind: str
    standing: str
    css: str
    joined: str
    left: str
    share: str


class MembershipPage:
    """Falcon resource: one's memberships, and those that can be asked for."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show them."""
        _show(req, resp)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ask for one, which the staff then decides on."""
        try:
            kind = UUID(req.context.form.get("kind", ""))
        except ValueError as error:
            raise falcon.HTTPBadRequest(description=_("There is no such choice.")) from error
        try:
            with writing_self(req) as (session, mine):
                ask_to_join(session, mine, kind)
        except PoserError as error:
            resp.status = falcon.HTTP_CONFLICT
            _show(req, resp, problem=sentence(error))
            return
        flash(resp, _("Thank you! We got your request and will tell you in the store or by mail."))
        see_other(resp, PATH)


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """One address."""
    return [
        Route(
            path=PATH,
            page=MembershipPage(),
            deed=Deed.SEE_SELF,
            writes=Deed.ASK_FOR_MEMBERSHIP,
        )
    ]


def said_of(one: Membership) -> Said:
    """Write one membership as pages show it."""
    share = ""
    if one.required:
        share = _("{paid} of {required} paid").format(
            paid=money(one.paid), required=money(one.required)
        )
    return Said(
        number=one.number,
        kind=one.kind or _("Membership"),
        standing=_(_SAID[one.standing]),
        css=one.standing.value,
        joined=day(one.joined_on),
        left=day(one.withdrew_on),
        share=share,
    )


def _show(req: falcon.Request, resp: falcon.Response, *, problem: str = "") -> None:
    here = call(req)
    found = memberships_of(here.read(), reading_self(req))
    has_one = any(one.standing is not Standing.ENDED for one in found)
    may_ask = not has_one and here.guest.may(Deed.ASK_FOR_MEMBERSHIP)
    kinds = offered(here.read()) if may_ask else []
    show(
        req,
        resp,
        "membership.pt",
        title=_("Membership"),
        memberships=[said_of(one) for one in found],
        kinds=[(str(one.id), one.name, money(one.equity_required)) for one in kinds],
        has_one=has_one,
        problem=problem,
    )
