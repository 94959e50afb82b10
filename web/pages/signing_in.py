# SPDX-License-Identifier: Apache-2.0
"""Signing in and out: by name and password, a code of the phone if there is one; slowed down."""

import json
import math
import secrets
from collections.abc import Callable
from typing import TypeVar

import falcon
from sqlalchemy.orm import Session

from poser.auth import (
    NeedsCode,
    Refused,
    SignedIn,
    find_session,
    sign_in,
    sign_in_with_code,
    sign_out,
)
from poser.auth.passkeys import make_challenge, request_options
from poser.auth.sessions import PENDING
from poser.db import transaction
from poser.model import SignInKind
from web.checking import PATIENCE, place, said
from web.cookies import DOOR, HALF, SESSION, drop_cookie, get_cookie, set_cookie
from web.language import _, mark
from web.permissions import Anyone, Route
from web.showing import seed, show
from web.site import Site
from web.urls import next_path, with_query
from web.users.places import place_of
from web.visitors import caller, recognize
from web.visits import visit

_WRONG = mark("That name and password do not belong together.")
_WRONG_CODE = mark("That code is not right, or was used already.")
_NOTICES = {
    "out": mark("You are signed out."),
    "late": mark("That took too long. Type your name and password again."),
    "changed": mark("Your password is changed. Sign in with the new one."),
}
T = TypeVar("T")


class Checks:
    """Lets a few passwords be checked at once and no more, since each takes much memory."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, check: Callable[[Session], T]) -> T | Refused:
        """Check in a transaction of its own; whoever waits too long is asked to come again."""
        with place() as is_free:
            if not is_free:
                return Refused(kind=SignInKind.THROTTLED, wait=PATIENCE)
            with transaction(self._site.engines["poser"]) as session:
                return check(session)


class SignIn:
    """Falcon resource: the door."""

    def __init__(self, site: Site, check: Checks) -> None:
        self._site = site
        self._check = check

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form, unless the visitor is in already."""
        wanted = next_path(req.get_param("next"))
        if recognize(req).is_signed_in:
            resp.status, resp.location = falcon.HTTP_SEE_OTHER, wanted
            return
        said = _NOTICES.get(req.get_param("was") or "", "")
        show_door(req, resp, next=wanted, notice=said and _(said))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Let the visitor in, ask for a code, or say that it did not work."""
        form = req.context.form
        name, wanted = form.get("name", ""), next_path(form.get("next"))
        who = caller(req)
        answer = self._check(lambda session: sign_in(session, name, form.get("password", ""), who))
        if isinstance(answer, NeedsCode):
            seconds = int(PENDING.total_seconds())
            set_cookie(self._site, resp, HALF, answer.token, max_age_s=seconds)
            resp.status = falcon.HTTP_SEE_OTHER
            resp.location = with_query("/sign-in/code", [("next", wanted)])
        elif isinstance(answer, SignedIn):
            open_door(resp, self._site, answer, wanted)
        else:
            problem = refuse(resp, answer, _(_WRONG))
            show_door(req, resp, next=wanted, name=name, problem=problem)


class SignInCode:
    """Falcon resource: the code that follows the password."""

    def __init__(self, site: Site, check: Checks) -> None:
        self._site = site
        self._check = check

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form, to a browser whose password was right a moment ago."""
        if not get_cookie(self._site, req, HALF):
            resp.status, resp.location = falcon.HTTP_SEE_OTHER, "/sign-in"
            return
        self._show(req, resp, next_path(req.get_param("next")))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Let the visitor in, or say that the code is not right."""
        form = req.context.form
        wanted, code, who = next_path(form.get("next")), form.get("code", ""), caller(req)
        token = get_cookie(self._site, req, HALF)
        answer = self._check(lambda session: sign_in_with_code(session, token, code, who))
        if answer is None:
            drop_cookie(self._site, resp, HALF)
            resp.status, resp.location = falcon.HTTP_SEE_OTHER, "/sign-in?was=late"
        elif isinstance(answer, SignedIn):
            open_door(resp, self._site, answer, wanted)
        else:
            self._show(req, resp, wanted, problem=refuse(resp, answer, _(_WRONG_CODE)))

    def _show(
        self, req: falcon.Request, resp: falcon.Response, wanted: str, *, problem: str = ""
    ) -> None:
        title = _("Code")
        show(req, resp, "sign_in_code.pt", title=title, next=wanted, problem=problem)


class SignOut:
    """Falcon resource: ends the session of this browser."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session, here and in the database."""
        who = caller(req)
        with transaction(self._site.engines["poser"]) as session:
            found = find_session(session, get_cookie(self._site, req, SESSION), now=who.now)
            if found is not None:
                sign_out(session, found, who)
        drop_cookie(self._site, resp, SESSION)
        resp.set_header("Clear-Site-Data", '"cache"')
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, "/sign-in?was=out"


def routes(site: Site) -> list[Route]:
    """List the door, open to everybody, and the way out for who is in."""
    check = Checks(site)
    return [
        Route(path="/sign-in", page=SignIn(site, check), need=Anyone.PUBLIC),
        Route(path="/sign-in/code", page=SignInCode(site, check), need=Anyone.PUBLIC),
        Route(path="/sign-out", page=SignOut(site), need=Anyone.SIGNED_IN),
    ]


def open_door(resp: falcon.Response, site: Site, answer: SignedIn, wanted: str) -> None:
    """Give the browser its session, and nothing of what led to it."""
    set_cookie(site, resp, SESSION, answer.token)
    for name in (DOOR, HALF):
        drop_cookie(site, resp, name)
    resp.status, resp.location = falcon.HTTP_SEE_OTHER, wanted


def refuse(resp: falcon.Response, answer: Refused, wrong: str) -> str:
    """Set the status of a try that did not work, and say why."""
    if answer.kind is not SignInKind.THROTTLED:
        resp.status = falcon.HTTP_FORBIDDEN
        return wrong
    resp.status = falcon.HTTP_TOO_MANY_REQUESTS
    resp.set_header("Retry-After", str(math.ceil(answer.wait.total_seconds())))
    text = _("Too many tries went wrong. Wait {time}, then try again.")
    return text.format(time=said(answer.wait))


def show_door(req: falcon.Request, resp: falcon.Response, **values: str) -> None:
    """Show the form; a browser without a cookie gets one, which its token is bound to."""
    site = visit(req).site
    fresh = ""
    if not get_cookie(site, req, DOOR):
        fresh = secrets.token_urlsafe(24)
        set_cookie(site, resp, DOOR, fresh)
    empty = dict.fromkeys(("next", "name", "problem", "notice"), "")
    challenge = make_challenge(site.secret, fresh or seed(req), site.clock())
    show(
        req,
        resp,
        "sign_in.pt",
        title=_("Sign in"),
        csrf_seed=fresh,
        options=json.dumps(request_options(place_of(req), challenge)),
        **(empty | values),
    )
