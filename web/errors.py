# SPDX-License-Identifier: Apache-2.0
"""Error pages: what happened, what to do, and a reference that finds the line in the log."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import falcon
import psycopg2.errors
from sqlalchemy.exc import DBAPIError

from poser.errors import Unavailable
from web.api.problems import Unfit, send_problem
from web.grid.filters import BadQuery
from web.language import _, mark
from web.permissions import Anyone, Need
from web.refusals import translated
from web.showing import show
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What an error page says."""

    status: HTTPStatus
    title: str
    what: str
    advice: str = ""
    is_ours: bool = False


_MISSING = Trouble(
    status=HTTPStatus.NOT_FOUND,
    title=mark("There is no such page"),
    what=mark("The address leads nowhere, or what it led to is gone."),
    advice=mark("Scan or type what you look for in the box on top."),
)
_BROKEN = Trouble(
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    title=mark("Something broke on our side"),
    what=mark("This page could not be made. Nothing was changed."),
    advice=mark("Try again. If it happens again, tell an administrator the reference below."),
    is_ours=True,
)
_TOO_BROAD = Trouble(
    status=HTTPStatus.UNPROCESSABLE_ENTITY,
    title=mark("That is too broad"),
    what=mark("Finding this would take too long, so it was stopped after three seconds."),
    advice=mark("Add a letter or a word to the search, or another filter."),
)
_NO_DATABASE = Trouble(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    title=mark("The database does not answer"),
    what=mark("This page needs it and could not be made. Nothing was changed."),
    advice=mark("It may be starting: try again in a few seconds."),
    is_ours=True,
)
_WORDS = {
    400: (mark("This request makes no sense here"), mark("Go back and try another way.")),
    403: (mark("This is not allowed"), ""),
    405: (
        mark("This page does not do that"),
        mark("Go back and use the buttons of the page."),
    ),
    408: (mark("The request did not arrive in time"), mark("Try again.")),
    409: (mark("Somebody was faster"), mark("Go back, reload the page and look at it again.")),
    411: (mark("The request does not say how long it is"), ""),
    413: (mark("That is too much at once"), mark("Send less.")),
    415: (mark("This page takes forms only"), ""),
    429: (mark("That was too often"), mark("Wait a little, then try again.")),
}


def add_error_pages(app: "falcon.App[falcon.Request, falcon.Response]") -> None:
    """Let the app answer every error with a page that people understand."""
    app.add_error_handler(Exception, _on_error)
    app.add_error_handler(falcon.HTTPError, _on_error)
    app.add_error_handler(SignInFirst, _on_stranger)


def trouble_of(error: BaseException) -> Trouble:
    """Say in people's words what an error means."""
    match error:
        case falcon.HTTPError():
            found = _MISSING if isinstance(error, falcon.HTTPNotFound) else _of_http(error)
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
        case DBAPIError(orig=psycopg2.errors.QueryCanceled()):
            found = _TOO_BROAD
        case Unavailable() | DBAPIError(orig=psycopg2.OperationalError()):
            found = _NO_DATABASE
        case DBAPIError(connection_invalidated=True):
            found = _NO_DATABASE
        case _:
            found = _BROKEN
    return found


def _of_http(error: falcon.HTTPError) -> Trouble:
    status = HTTPStatus(error.status_code)
    title, advice = _WORDS.get(status, (status.phrase, ""))
    # Falcon titles its own errors with the bare status; ours have words.
    worded = error.title if error.title and error.title != error.status else title
    return Trouble(
        status=status,
        title=worded,
        what=translated(error.description) if error.description else f"{_(title)}.",
        advice=advice,
        is_ours=status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    )


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
    if trouble is _BROKEN:
        log.error("page failed", extra=fields, exc_info=error)
    elif trouble.is_ours:
        log.error("page failed", extra={**fields, "reason": str(error)})
    else:
        log.info("request refused", extra={**fields, "reason": trouble.title})
    if isinstance(error, falcon.HTTPError) and error.headers:
        resp.set_headers(error.headers)
    if trouble is _NO_DATABASE:
        resp.set_header("Retry-After", "5")
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
