# SPDX-License-Identifier: Apache-2.0
"""Error pages: what happened, what to do, and a reference that finds the line in the log."""

import logging
from contextlib import suppress
from http import HTTPStatus

import falcon
from sqlalchemy.exc import DBAPIError

from poser.errors import Unavailable
from web.api.problems import Unfit, send_problem
from web.grid.filters import BadQuery
from web.language import _, mark
from web.permissions import Anyone, Need
from web.showing import show
from web.troubles import Trouble, note, of_any, set_headers
from web.urls import with_query
from web.visitors import API, recognize
from web.visits import visit

log = logging.getLogger(__name__)


class SignInFirst(Exception):  # noqa: N818 - what is to be done
    """A stranger asks for a page that needs a user."""


class Refused(Exception):  # noqa: N818 - what happened
    """A user asks for a page without the permission it needs."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self.need = need


def add_error_pages(app: "falcon.App[falcon.Request, falcon.Response]") -> None:
    """Let the app answer every error with a page that people understand."""
    app.add_error_handler(Exception, _on_error)
    app.add_error_handler(falcon.HTTPError, _on_error)
    app.add_error_handler(SignInFirst, _on_stranger)


def trouble_of(error: BaseException) -> Trouble:
    """Say in people's words what an error means."""
    match error:
        case BadQuery():
            found = Trouble(
                status=HTTPStatus.BAD_REQUEST,
                title=mark("This list does not offer that"),
                what=f"{error}.",
                advice=error.hint,
            )
        case Refused():
            found = _refused(error.need)
        case Unfit():
            found = Trouble(
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
                title=mark("Some fields cannot be written so"),
                what=f"{error}.",
                advice=mark("Nothing was written. Put them right and send them again."),
            )
        case _:
            found = of_any(error)
    return found


def _refused(need: Need) -> Trouble:
    name = _(need.value) if isinstance(need, Anyone) else f"{_(need.what)} ({need.name})"
    return Trouble(
        status=HTTPStatus.FORBIDDEN,
        title=mark("You may not see this page"),
        what=_("It needs a right that you do not have: {name}.").format(name=name),
        advice=mark("Ask an administrator of this node if you need it."),
    )


def _on_error(
    req: falcon.Request,
    resp: falcon.Response,
    error: Exception,
    params: dict[str, object],  # noqa: ARG001 - Falcon's signature
) -> None:
    trouble = trouble_of(error)
    here = visit(req)
    if isinstance(error, falcon.HTTPNotFound) and not here.visitor.is_signed_in:
        # Perhaps no page took this request, and nobody has asked yet who the visitor is.
        with suppress(Unavailable, DBAPIError):
            here.visitor = recognize(req)
    fields = {
        "reference": here.reference,
        "status": int(trouble.status),
        "method": req.method,
        "path": req.path,
        "user": here.visitor.name or "-",
    }
    note(log, trouble, error, fields)
    set_headers(resp, trouble, error)
    if req.path.startswith(API):
        send_problem(
            resp,
            int(trouble.status),
            trouble.title,
            f"{trouble.what} {trouble.advice}".strip(),
            reference=here.reference,
            fields=error.problems if isinstance(error, Unfit) else None,
        )
        return
    resp.status = int(trouble.status)
    signed_in = here.visitor.is_signed_in
    show(
        req,
        resp,
        "error.pt",
        title=_(trouble.title),
        what=_(trouble.what),
        advice=_(trouble.advice),
        status=int(trouble.status),
        reference=here.reference,
        way_out="/" if signed_in else "/sign-in",
        way_out_text=_("Go to the first page") if signed_in else _("Sign in"),
    )


def _on_stranger(
    req: falcon.Request,
    resp: falcon.Response,
    error: Exception,  # noqa: ARG001 - Falcon's signature
    params: dict[str, object],  # noqa: ARG001
) -> None:
    """Send a stranger to the door, and after that back to the page."""
    wanted = req.relative_uri if req.method == "GET" and req.path != "/" else ""
    resp.status = falcon.HTTP_SEE_OTHER
    resp.location = with_query("/sign-in", [("next", wanted)])
