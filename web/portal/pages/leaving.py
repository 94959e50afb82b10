# SPDX-License-Identifier: Apache-2.0
"""Taking one's data along as JSON, and deleting one's account."""

import json

import falcon
from sqlalchemy.orm import Session

from poser.portal.details import read_self
from poser.portal.doing import Deed
from poser.portal.leaving import everything_about, leave
from poser.portal.signing_in import Refused, is_really
from web.flash import flash
from web.language import _
from web.portal.calls import Route, call, caller, reading_self
from web.portal.pages.door import checked, close_door, refusal
from web.portal.showing import see_other, show
from web.portal.site import Portal


class MyData:
    """Falcon resource: all that is kept about the customer, as a file."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Send it."""
        here = call(req)
        found = everything_about(here.read(), here.read("trainwreck"), reading_self(req))
        resp.content_type = "application/json"
        resp.downloadable_as = "my-data.json"
        resp.data = json.dumps(found, ensure_ascii=False, indent=1).encode()


class Leave:
    """Falcon resource: deletes the account of the customer."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Say what goes and what stays, and ask."""
        _show(req, resp)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Delete it, if it is really the customer who wants that."""
        form, who, key = req.context.form, caller(req), call(req).guest.account_id

        def attempt(session: Session) -> Refused | str:
            mine = key and read_self(session, key, lock=True)
            if not mine:
                raise falcon.HTTPNotFound
            no = is_really(session, mine.account, form.get("proof", ""), who)
            return no or leave(session, mine)

        answer = checked(req, attempt)
        if isinstance(answer, Refused):
            _show(req, resp, problem=refusal(resp, answer, _("That password is not right.")))
            return
        close_door(req, resp)
        if answer:
            flash(
                resp,
                _("Your account is deleted. The store decides about the rest, and will ask you."),
            )
        else:
            flash(resp, _("Your account is deleted, and your data with it."))
        see_other(resp, "/")


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """List the addresses."""
    return [
        Route(path="/my-data.json", page=MyData(), deed=Deed.SEE_SELF),
        Route(path="/leave", page=Leave(), deed=Deed.LEAVE),
    ]


def _show(req: falcon.Request, resp: falcon.Response, *, problem: str = "") -> None:
    show(req, resp, "leave.pt", title=_("Delete my account"), problem=problem)
