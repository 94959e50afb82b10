# SPDX-License-Identifier: Apache-2.0
"""What went wrong, in people's words: for the error pages of every web app of a node."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import falcon
import psycopg2.errors
from sqlalchemy.exc import DBAPIError

from poser.errors import Unavailable
from web.language import _, mark
from web.refusals import translated


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


def of_any(error: BaseException) -> Trouble:
    """Say what an error means that any app may meet."""
    match error:
        case falcon.HTTPError():
            found = _MISSING if isinstance(error, falcon.HTTPNotFound) else _of_http(error)
        case DBAPIError(orig=psycopg2.errors.QueryCanceled()):
            found = _TOO_BROAD
        case Unavailable() | DBAPIError(orig=psycopg2.OperationalError()):
            found = _NO_DATABASE
        case DBAPIError(connection_invalidated=True):
            found = _NO_DATABASE
        case _:
            found = _BROKEN
    return found


def note(
    log: logging.Logger, trouble: Trouble, error: Exception, fields: Mapping[str, object]
) -> None:
    """Log what went wrong: as an error if it is ours, with all of it if nobody expected it."""
    if trouble is _BROKEN:
        log.error("page failed", extra=dict(fields), exc_info=error)
    elif trouble.is_ours:
        log.error("page failed", extra={**fields, "reason": str(error)})
    else:
        log.info("request refused", extra={**fields, "reason": trouble.title})


def set_headers(resp: falcon.Response, trouble: Trouble, error: Exception) -> None:
    """Say to programs what else there is to say, such as when to come again."""
    if isinstance(error, falcon.HTTPError) and error.headers:
        resp.set_headers(error.headers)
    if trouble is _NO_DATABASE:
        resp.set_header("Retry-After", "5")


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
