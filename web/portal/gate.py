# SPDX-License-Identifier: Apache-2.0
"""What every request to the portal passes: limits, who asks, whether they may, headers."""

import logging
from collections.abc import Mapping

import falcon

from poser.db.authors import AUTHOR, Author, Source
from web.assets import PREFIX
from web.cookies import LANGUAGE, get_cookie
from web.flash import send_flash
from web.forms import check_size, let_go
from web.guarding import HEADERS, SAFE_METHODS, address, check_form
from web.language import _, speak, wanted
from web.portal.calls import Call, Route, call, recognize
from web.portal.showing import see_other, seed, show
from web.portal.site import Portal
from web.troubles import note, of_any, set_headers
from web.urls import with_query

log = logging.getLogger(__name__)


class SignInFirst(Exception):  # noqa: N818 - what is to be done
    """A stranger asks for a page that needs an account."""


class Gate:
    """Falcon middleware: opens a call for each request and closes it."""

    def __init__(self, site: Portal, routes: Mapping[str, Route]) -> None:
        self._site = site
        self._routes = routes

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Begin a call."""
        AUTHOR.set(None)
        resp.set_headers(HEADERS)
        req.context.call = Call(self._site)
        accepted = req.get_header("Accept-Language") or ""
        speak(wanted(get_cookie(self._site, req, LANGUAGE), accepted))

    def process_resource(
        self,
        req: falcon.Request,
        resp: falcon.Response,  # noqa: ARG002 - Falcon's signature
        resource: object,
        params: dict[str, object],  # noqa: ARG002
    ) -> None:
        """Find out who asks and whether they may; a form must come from a page of ours."""
        check_size(req, resource)
        here = call(req)
        if not req.path.startswith(PREFIX):
            here.guest = recognize(req)
        is_writing = req.method not in SAFE_METHODS
        route = self._routes[req.uri_template or ""]
        if not here.guest.may(route.needs(is_writing=is_writing)):
            if here.guest.is_signed_in:
                raise falcon.HTTPForbidden(
                    description=_("Your account may not do this any more. Please ask in the store.")
                )
            raise SignInFirst
        if is_writing:
            here.close()
            check_form(req, resource, secret=self._site.secret, seed=seed(req))
            AUTHOR.set(_author_of(req))

    def process_response(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        resource: object,  # noqa: ARG002 - Falcon's signature
        req_succeeded: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """End the call; what people see is kept by no cache."""
        send_flash(self._site, resp)
        call(req).end()
        let_go(req)
        AUTHOR.set(None)
        if not resp.get_header("Cache-Control"):
            resp.set_header("Cache-Control", "no-store")


def add_error_pages(app: "falcon.App[falcon.Request, falcon.Response]") -> None:
    """Let the portal answer every error with a page that customers understand."""
    app.add_error_handler(Exception, _on_error)
    app.add_error_handler(falcon.HTTPError, _on_error)
    app.add_error_handler(SignInFirst, _on_stranger)


def _author_of(req: falcon.Request) -> Author:
    """Name who makes the changes of a request in the history."""
    return Author(
        source=Source.WEB,
        user_name=call(req).guest.address,
        address=address(req) or "",
        via=f"portal: {req.method} {req.uri_template}",
    )


def _on_error(
    req: falcon.Request,
    resp: falcon.Response,
    error: Exception,
    params: dict[str, object],  # noqa: ARG001 - Falcon's signature
) -> None:
    trouble = of_any(error)
    here = call(req)
    fields = {
        "reference": here.reference,
        "status": int(trouble.status),
        "method": req.method,
        "path": req.path,
        "account": str(here.guest.account_id or "-"),
    }
    note(log, trouble, error, fields)
    set_headers(resp, trouble, error)
    resp.status = int(trouble.status)
    show(
        req,
        resp,
        "error.pt",
        title=_(trouble.title),
        what=_(trouble.what),
        is_ours=trouble.is_ours,
        reference=here.reference,
    )


def _on_stranger(
    req: falcon.Request,
    resp: falcon.Response,
    error: Exception,  # noqa: ARG001 - Falcon's signature
    params: dict[str, object],  # noqa: ARG001
) -> None:
    """Send a stranger to the door, and after that back to the page."""
    wanted_page = req.relative_uri if req.method == "GET" else ""
    see_other(resp, with_query("/sign-in", [("next", wanted_page)]))
