# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, choosing a password by a link, and the language of the pages."""

import math
from collections.abc import Callable
from typing import TypeVar

import falcon
from sqlalchemy.orm import Session

from poser.auth.choosing import check_chosen
from poser.db import transaction
from poser.errors import PoserError
from poser.model import PortalToken, PortalTokenKind
from poser.portal.doing import Deed
from poser.portal.links import find_link
from poser.portal.signing_in import (
    Entered,
    Refused,
    find_session,
    let_in,
    set_password,
    sign_in,
    sign_out,
)
from poser.portal.signing_up import ask_for_password, confirm, language_of
from web.checking import PATIENCE, place, said
from web.cookies import LANGUAGE, drop_cookie, get_cookie, set_cookie
from web.flash import flash
from web.language import _, languages, mark
from web.portal.calls import DOOR, SESSION, Route, call, caller
from web.portal.showing import see_other, show
from web.portal.site import Portal
from web.urls import next_path
from web.users.passwords import translated

T = TypeVar("T")
YEAR_S = 365 * 24 * 3600
_WRONG = mark("That email address and password do not belong together.")
_MAILED = mark("If there is an account with this address, a mail with a link is on its way to it.")


class SignIn:
    """Falcon resource: the door."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form, unless the guest is in already."""
        wanted = next_path(req.get_param("next"))
        if call(req).guest.is_signed_in:
            see_other(resp, wanted)
            return
        _show_door(req, resp, next=wanted)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Let the guest in, or say that it did not work."""
        form = req.context.form
        address, wanted, who = form.get("address", ""), next_path(form.get("next")), caller(req)
        answer = checked(
            req, lambda session: sign_in(session, address, form.get("password", ""), who)
        )
        if isinstance(answer, Entered):
            open_door(req, resp, answer, wanted)
        else:
            problem = refusal(resp, answer, _(_WRONG))
            _show_door(req, resp, next=wanted, address=address, problem=problem)


class SignOut:
    """Falcon resource: ends the session of this browser."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """End the session, here and in the database."""
        site, who = call(req).site, caller(req)
        with transaction(site.engines["poser"]) as session:
            found = find_session(session, get_cookie(site, req, SESSION), now=who.now)
            if found is not None:
                sign_out(session, found, who)
        close_door(req, resp)
        flash(resp, _("You are signed out."))
        see_other(resp, "/")


class Forgot:
    """Falcon resource: asks for a link by which to choose a new password."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form."""
        show(req, resp, "forgot.pt", title=_("Forgot your password?"), address="", problem="")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Mail the link if there is such an account, and say the same in any case."""
        address, problem = req.context.form.get("address", ""), ""
        try:
            with transaction(call(req).site.engines["poser"]) as session:
                if not ask_for_password(session, address, caller(req)):
                    problem = too_many(resp)
        except PoserError as error:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            problem = sentence(error)
        if problem:
            title = _("Forgot your password?")
            show(req, resp, "forgot.pt", title=title, address=address, problem=problem)
        else:
            show(req, resp, "mailed.pt", title=_("Look into your mail"), what=_(_MAILED))


class ChoosePassword:
    """Falcon resource: where the link of a mail leads; it is used up when the form is sent.

    Programs that look at links in mails follow them, so a look alone does nothing.
    """

    def __init__(self, kind: PortalTokenKind, title: str) -> None:
        self._kind = kind
        self._title = title

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the form, if the link holds."""
        token = req.get_param("token") or ""
        found = find_link(call(req).read(), token, now=call(req).site.clock())
        self._show(req, resp, token, found)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Take the password, let the customer in, and let the link hold no more."""
        form, site = req.context.form, call(req).site
        token, password = form.get("token", ""), form.get("password", "")

        def choose(session: Session) -> tuple[PortalToken | None, Entered | None, bool]:
            link = find_link(session, token, now=caller(req).now, lock=True)
            if link is None or link.kind != self._kind:
                return None, None, False
            account, is_theirs = link.account, True
            asked = account.asked
            names = (
                account.address,
                *(str(asked.get(n, "")) for n in ("given_name", "family_name")),
            )
            with translated(password):
                check_chosen(site.config, password, names=names)
                if self._kind is PortalTokenKind.CONFIRM:
                    is_theirs = confirm(session, link, password, caller(req))
                else:
                    set_password(session, account, password, caller(req))
            entered = let_in(session, account, caller(req))
            _speak(req, resp, language_of(session, account))
            return link, entered, is_theirs

        try:
            answer = checked(req, choose)
        except PoserError as error:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            found = find_link(call(req).read(), token, now=site.clock())
            self._show(req, resp, token, found, problem=sentence(error))
            return
        if isinstance(answer, Refused):
            found = find_link(call(req).read(), token, now=site.clock())
            self._show(req, resp, token, found, problem=refusal(resp, answer, ""))
        elif answer[1] is None:
            self._show(req, resp, token, None)
        else:
            flash(resp, self._done(is_theirs=answer[2]))
            open_door(req, resp, answer[1], "/")

    def _done(self, *, is_theirs: bool) -> str:
        if self._kind is PortalTokenKind.PASSWORD:
            return _("Your password is changed. All other devices were signed out.")
        if is_theirs:
            return _("Welcome! Your account is ready.")
        return _(
            "Welcome! Your account is ready. We do not know that card together with this email"
            " address, so you have a new card; please ask in the store to put both together."
        )

    def _show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        token: str,
        found: PortalToken | None,
        *,
        problem: str = "",
    ) -> None:
        if found is None or found.kind != self._kind:
            resp.status = falcon.HTTP_GONE
            is_new = self._kind is PortalTokenKind.CONFIRM
            show(
                req,
                resp,
                "link_over.pt",
                title=_("This link does not hold any more"),
                is_new=is_new,
            )
            return
        asked = found.account.asked
        name = f"{asked.get('given_name', '')} {asked.get('family_name', '')}".strip()
        show(
            req,
            resp,
            "password.pt",
            title=_(self._title),
            token=token,
            address=found.address,
            name=name,
            problem=problem,
        )


class Language:
    """Falcon resource: the language of the pages in this browser."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Remember it and go back."""
        chosen = req.context.form.get("language", "")
        if chosen not in languages():
            raise falcon.HTTPBadRequest(description=_("There is no such choice."))
        _speak(req, resp, chosen)
        see_other(resp, next_path(req.context.form.get("next")))


def routes(site: Portal) -> list[Route]:  # noqa: ARG001 - as of every module of pages
    """List the addresses that are open to everybody."""
    pages = {
        "/sign-in": SignIn(),
        "/sign-out": SignOut(),
        "/forgot": Forgot(),
        "/welcome": ChoosePassword(PortalTokenKind.CONFIRM, mark("Welcome")),
        "/new-password": ChoosePassword(PortalTokenKind.PASSWORD, mark("Choose a new password")),
        "/language": Language(),
    }
    return [Route(path=path, page=page, deed=Deed.COME_IN) for path, page in pages.items()]


def checked(req: falcon.Request, check: Callable[[Session], T]) -> T | Refused:
    """Check a password in a transaction of its own, when there is a place to."""
    here = call(req)
    here.close()
    with place() as is_free:
        if not is_free:
            return Refused(wait=PATIENCE)
        with transaction(here.site.engines["poser"]) as session:
            return check(session)


def open_door(req: falcon.Request, resp: falcon.Response, answer: Entered, wanted: str) -> None:
    """Give the browser its session, and nothing of what led to it."""
    site = call(req).site
    set_cookie(site, resp, SESSION, answer.token)
    drop_cookie(site, resp, DOOR)
    see_other(resp, wanted)


def close_door(req: falcon.Request, resp: falcon.Response) -> None:
    """Take the browser's session away, and the pages that it kept."""
    drop_cookie(call(req).site, resp, SESSION)
    resp.set_header("Clear-Site-Data", '"cache"')


def refusal(resp: falcon.Response, answer: Refused, wrong: str) -> str:
    """Set the status of a try that did not work, and say why."""
    if not answer.wait:
        resp.status = falcon.HTTP_FORBIDDEN
        return wrong
    resp.status = falcon.HTTP_TOO_MANY_REQUESTS
    resp.set_header("Retry-After", str(math.ceil(answer.wait.total_seconds())))
    text = _("Too many tries went wrong. Wait {time}, then try again.")
    return text.format(time=said(answer.wait))


def too_many(resp: falcon.Response) -> str:
    """Set the status of one more wish for a mail than a network has, and say so."""
    resp.status = falcon.HTTP_TOO_MANY_REQUESTS
    resp.set_header("Retry-After", "3600")
    return _("Too many mails were asked for from your network. Please come again in an hour.")


def sentence(error: PoserError) -> str:
    """Say a refusal of the node software in the language of the page."""
    text = _(str(error).rstrip("."))
    hint = f": {_(error.hint)}" if error.hint else ""
    return f"{text[:1].upper()}{text[1:]}{hint}."


def _speak(req: falcon.Request, resp: falcon.Response, language: str) -> None:
    if language in languages():
        set_cookie(call(req).site, resp, LANGUAGE, language, max_age_s=YEAR_S)


def _show_door(req: falcon.Request, resp: falcon.Response, **values: str) -> None:
    empty = dict.fromkeys(("next", "address", "problem"), "")
    show(req, resp, "sign_in.pt", title=_("Sign in"), **(empty | values))
