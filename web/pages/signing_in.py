# SPDX-License-Identifier: Apache-2.0
"""Signing in and out: by name and password, slowed down where somebody guesses."""

import math
import secrets
from datetime import timedelta
from threading import BoundedSemaphore

import falcon

from poser.auth import Refused, SignedIn, find_session, sign_in, sign_out
from poser.db import transaction
from poser.model import SignInKind
from web.cookies import DOOR, SESSION, drop_cookie, get_cookie, set_cookie
from web.permissions import Anyone, Route
from web.showing import show
from web.site import Site
from web.urls import next_path
from web.visitors import address, recognize
from web.visits import visit

_AT_ONCE = 2  # checking a password takes 64 MiB of memory
_PATIENCE_S = 5.0
_WRONG = "That name and password do not belong together."
_NOTICES = {"out": "You are signed out."}


class SignIn:
    """Falcon resource: the door."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._checking = BoundedSemaphore(_AT_ONCE)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form, unless the visitor is in already."""
        wanted = next_path(req.get_param("next"))
        if recognize(req).is_signed_in:
            resp.status, resp.location = falcon.HTTP_SEE_OTHER, wanted
            return
        _show_form(req, resp, wanted=wanted, notice=_NOTICES.get(req.get_param("was") or "", ""))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Let the visitor in, with a new session, or say that it did not work."""
        form = req.context.form
        name, wanted = form.get("name", ""), next_path(form.get("next"))
        answer = self._try(req, name, form.get("password", ""))
        if isinstance(answer, SignedIn):
            set_cookie(self._site, resp, SESSION, answer.token)
            drop_cookie(self._site, resp, DOOR)
            resp.status, resp.location = falcon.HTTP_SEE_OTHER, wanted
            return
        problem = _WRONG
        resp.status = falcon.HTTP_FORBIDDEN
        if answer.kind is SignInKind.THROTTLED:
            problem = f"Too many tries went wrong. Wait {_said(answer.wait)}, then try again."
            resp.status = falcon.HTTP_TOO_MANY_REQUESTS
            resp.set_header("Retry-After", str(math.ceil(answer.wait.total_seconds())))
        _show_form(req, resp, wanted=wanted, name=name, problem=problem)

    def _try(self, req: falcon.Request, name: str, password: str) -> SignedIn | Refused:
        if not self._checking.acquire(timeout=_PATIENCE_S):
            return Refused(kind=SignInKind.THROTTLED, wait=timedelta(seconds=_PATIENCE_S))
        try:
            with transaction(self._site.engines["poser"]) as session:
                return sign_in(
                    session,
                    name,
                    password,
                    address=address(req),
                    user_agent=req.user_agent or "",
                    now=self._site.clock(),
                )
        finally:
            self._checking.release()


class SignOut:
    """Falcon resource: ends the session of this browser."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session, here and in the database."""
        now = self._site.clock()
        with transaction(self._site.engines["poser"]) as session:
            found = find_session(session, get_cookie(self._site, req, SESSION), now=now)
            if found is not None:
                sign_out(session, found, address=address(req), now=now)
        drop_cookie(self._site, resp, SESSION)
        resp.set_header("Clear-Site-Data", '"cache"')
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, "/sign-in?was=out"


def routes(site: Site) -> list[Route]:
    """List the door, open to everybody, and the way out for who is in."""
    return [
        Route(path="/sign-in", page=SignIn(site), need=Anyone.PUBLIC),
        Route(path="/sign-out", page=SignOut(site), need=Anyone.SIGNED_IN),
    ]


def _show_form(
    req: falcon.Request,
    resp: falcon.Response,
    *,
    wanted: str,
    name: str = "",
    problem: str = "",
    notice: str = "",
) -> None:
    """Show the form; a browser without a cookie gets one, which its token is bound to."""
    site = visit(req).site
    fresh = ""
    if not get_cookie(site, req, DOOR):
        fresh = secrets.token_urlsafe(24)
        set_cookie(site, resp, DOOR, fresh)
    show(
        req,
        resp,
        "sign_in.pt",
        title="Sign in",
        next=wanted,
        name=name,
        problem=problem,
        notice=notice,
        csrf_seed=fresh,
    )


def _said(wait: timedelta) -> str:
    seconds = max(math.ceil(wait.total_seconds()), 1)
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
