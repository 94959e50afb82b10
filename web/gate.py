# SPDX-License-Identifier: Apache-2.0
"""What every request passes: limits, who asks, whether they may, and headers on the way out."""

from collections.abc import Mapping

import falcon

from poser.db.authors import AUTHOR, Author, Source
from web import visitors
from web.cookies import LANGUAGE, get_cookie
from web.errors import SignInFirst
from web.flash import send_flash
from web.forms import check_size, let_go
from web.guarding import HEADERS, SAFE_METHODS, address, check_form
from web.head_office import refusal
from web.language import speak, wanted
from web.permissions import Anyone, Need
from web.showing import Menu, seed
from web.site import Site
from web.visits import Visit, visit


class Gate:
    """Falcon middleware: opens a visit for each request and closes it."""

    def __init__(self, site: Site, menu: Menu, needs: Mapping[str, Need]) -> None:
        self._site = site
        self._menu = menu
        self._needs = needs

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Begin a visit."""
        AUTHOR.set(None)
        resp.set_headers(HEADERS)
        req.context.visit = Visit(self._site)
        req.context.menu = self._menu
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
        need = self._needs[req.uri_template or ""]
        here = visit(req)
        if need is not Anyone.PUBLIC or req.method not in SAFE_METHODS:
            here.visitor = visitors.recognize(req)
        if not here.visitor.may(need):
            raise _refusal(req, need)
        if req.method not in SAFE_METHODS:
            here.close()
            if here.visitor.token_id is None:  # no browser sends a token by itself
                check_form(req, resource, secret=self._site.secret, seed=seed(req))
            AUTHOR.set(author_of(req))

    def process_response(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        resource: object,  # noqa: ARG002 - Falcon's signature
        req_succeeded: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """End the visit; what people see is kept by no cache."""
        send_flash(self._site, resp)
        visit(req).end()
        let_go(req)
        AUTHOR.set(None)
        if not resp.get_header("Cache-Control"):
            resp.set_header("Cache-Control", "no-store")


def author_of(req: falcon.Request) -> Author:
    """Name who makes the changes of a request; a visitor without a name has an address."""
    visitor = visit(req).visitor
    return Author(
        source=Source.WEB,
        user_id=visitor.user_id,
        user_name=visitor.name,
        address=address(req) or "",
        via=f"{req.method} {req.uri_template}" + (" as root" if visitor.is_root else ""),
        comment=visitor.root_reason,
    )


def _refusal(req: falcon.Request, need: Need) -> Exception:
    """Say what to raise for somebody who may not: who is not signed in may do that first."""
    if visit(req).visitor.is_signed_in:
        return refusal(visit(req), need)
    if req.path.startswith(visitors.API):
        return falcon.HTTPUnauthorized(
            title="This needs a token",
            description="Send Authorization: Bearer and a token that somebody made on their page.",
            challenges=["Bearer"],
        )
    return SignInFirst()
