# SPDX-License-Identifier: Apache-2.0
"""Everybody's own page: password, codes of the phone, passkeys, sessions and tokens.

What lets somebody in is changed only by who proves again that it is really them.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from poser.auth import Refused, factors
from poser.auth.choosing import check_chosen
from poser.auth.events import record
from poser.auth.passkeys import (
    LONGEST_ANSWER,
    add_passkey,
    challenge_of,
    creation_options,
    is_fresh,
    make_challenge,
)
from poser.auth.passwords import hash_password
from poser.auth.sessions import close_others
from poser.auth.sign_in import is_really
from poser.auth.tokens import ALL, add_token, remove_token, tokens_of
from poser.errors import PoserError
from poser.model import SignInKind, User, UserPasskey, UserSession
from web.flash import flash
from web.formats import Moment
from web.head_office import is_user_kept_there, require_user_here
from web.language import _
from web.pages.signing_in import Checks, refuse
from web.qr import qr
from web.showing import seed, show
from web.users.asking import see_other, user_of
from web.users.passwords import translated
from web.users.places import place_of
from web.visitors import caller
from web.visits import visit

PATH = "/me"
_WEEK_DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}


class Device(NamedTuple):
    """A browser that is signed in, a passkey or a token, as the page lists it."""

    id: str
    name: str
    at: Moment | None
    more: str = ""
    is_this: bool = False


class Done(NamedTuple):
    """What a change came to: a sentence, and what is shown this once and never again."""

    text: str
    once: tuple[str, ...] = ()


Change = Callable[[falcon.Request, Session, User], Done]


class AccountPage:
    """Falcon resource: what lets me in, and where I am in."""

    def __init__(self, check: Checks) -> None:
        self._check = check

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it."""
        _show(req, resp)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Do what the pressed button stands for, if it is really the user who pressed it."""
        form: Mapping[str, str] = req.context.form
        name, _sep, what = form.get("do", "").partition(":")
        change = _WITH_PROOF.get(name) or _CHANGES.get(name)
        if change is None:
            raise falcon.HTTPBadRequest(description=_("There is no such button."))
        req.context.what = what
        needs_proof = name in _WITH_PROOF

        def attempt(session: Session) -> Done | Refused:
            user = user_of(req, session)
            if name in _OF_HEAD_OFFICE:
                require_user_here(visit(req), user)
            if needs_proof and (no := is_really(session, user, form.get("proof", ""), caller(req))):
                return no
            return change(req, session, user)

        try:
            done = self._check(attempt)
        except PoserError as error:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            _show(req, resp, problem=f"{error}: {error.hint}.")
            return
        if isinstance(done, Refused):
            _show(req, resp, problem=refuse(resp, done, _("That password or code is not right.")))
        elif done.once:
            _show(req, resp, done=done)  # shown in answer to the form: it is kept nowhere
        else:
            flash(resp, done.text)
            see_other(resp, PATH)


def _show(
    req: falcon.Request, resp: falcon.Response, *, problem: str = "", done: Done | None = None
) -> None:
    here = visit(req)
    session = here.read()
    user = user_of(req, session)
    place = place_of(req)
    challenge = make_challenge(here.site.secret, seed(req), here.site.clock())
    secret = factors.pending_totp(session, user)
    known = here.site.permissions
    show(
        req,
        resp,
        "me.pt",
        title=_("My account"),
        user=user,
        problem=problem,
        done=done,
        has_totp=factors.has_totp(session, user),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        picture=qr(factors.address_of(secret, name=user.name, node=here.site.node.name))
        if secret
        else None,
        codes_left=factors.recovery_codes_left(session, user),
        options=json.dumps(creation_options(session, user, place, challenge)),
        passkeys=_passkeys(req, session, user),
        sessions=_sessions(req, session, user),
        tokens=_tokens(req, session, user),
        scopes=[(n, _(p.what)) for n, p in known.items() if here.visitor.may(p)],
        days=list(_WEEK_DAYS),
        is_kept_there=is_user_kept_there(here, user),
    )


def _change_password(req: falcon.Request, session: Session, user: User) -> Done:
    form: Mapping[str, str] = req.context.form
    if form.get("password", "") != form.get("again", ""):
        raise PoserError(_("the two new passwords differ"), hint=_("type the same twice"))
    chosen = form.get("password", "")
    with translated(chosen):
        check_chosen(visit(req).site.config, chosen, names=(user.name, user.full_name))
        user.password_hash = hash_password(chosen)
    close_others(session, user.id, visit(req).visitor.session_id)
    record(session, user, SignInKind.PASSWORD_CHANGED, caller(req))
    return Done(_("Password changed. All other sessions of yours ended."))


def _begin_phone(req: falcon.Request, session: Session, user: User) -> Done:  # noqa: ARG001
    factors.begin_totp(session, user)
    return Done(_("Now let the phone read it, and type the code that it shows."))


def _confirm_phone(req: falcon.Request, session: Session, user: User) -> Done:
    who = caller(req)
    code = req.context.form.get("code", "")
    session.execute(select(User.id).where(User.id == user.id).with_for_update())
    if not factors.confirm_totp(session, user, code, now=who.now):
        raise PoserError(_("that code is not right"), hint=_("type the one that shows now"))
    record(session, user, SignInKind.FACTOR_ADDED, who, note="codes of a phone")
    codes = factors.make_recovery_codes(session, user)
    return Done(_("From now on you need a code of your phone to sign in."), tuple(codes))


def _remove_phone(req: falcon.Request, session: Session, user: User) -> Done:
    factors.remove_totp(session, user)
    record(session, user, SignInKind.FACTOR_REMOVED, caller(req), note="codes of a phone")
    return Done(_("The password alone lets you in now."))


def _make_codes(req: falcon.Request, session: Session, user: User) -> Done:
    record(session, user, SignInKind.FACTOR_ADDED, caller(req), note="codes on paper")
    codes = factors.make_recovery_codes(session, user)
    return Done(_("New codes for paper; the old ones count no more."), tuple(codes))


def _add_passkey(req: falcon.Request, session: Session, user: User) -> Done:
    form: Mapping[str, str] = req.context.form
    answer, who = form.get("answer", "")[:LONGEST_ANSWER], caller(req)
    if not is_fresh(visit(req).site.secret, seed(req), challenge_of(answer), who.now):
        raise PoserError(_("that took too long"), hint=_("try once more"))
    add_passkey(session, user, answer, name=form.get("name", ""), place=place_of(req), caller=who)
    return Done(_("Passkey added. You can sign in with it."))


def _remove_passkey(req: falcon.Request, session: Session, user: User) -> Done:
    gone = session.scalars(
        delete(UserPasskey)
        .where(UserPasskey.id == _id(req), UserPasskey.user_id == user.id)
        .returning(UserPasskey.name)
    ).one_or_none()
    if gone is None:
        raise falcon.HTTPNotFound
    record(session, user, SignInKind.FACTOR_REMOVED, caller(req), note=f"passkey {gone}")
    return Done(_("Passkey removed."))


def _end_session(req: falcon.Request, session: Session, user: User) -> Done:
    gone = session.scalars(
        delete(UserSession)
        .where(UserSession.id == _id(req), UserSession.user_id == user.id)
        .returning(UserSession.id)
    ).one_or_none()
    if gone is None:
        raise falcon.HTTPNotFound
    record(session, user, SignInKind.SESSION_ENDED, caller(req))
    return Done(_("Session ended."))


def _end_others(req: falcon.Request, session: Session, user: User) -> Done:
    count = close_others(session, user.id, visit(req).visitor.session_id)
    record(session, user, SignInKind.SESSION_ENDED, caller(req))
    return Done(_("Sessions ended: {count}.").format(count=count))


def _add_token(req: falcon.Request, session: Session, user: User) -> Done:
    form: Mapping[str, str] = req.context.form
    visitor, known = visit(req).visitor, visit(req).site.permissions
    scopes = {name for name in known if f"scope.{name}" in form and visitor.may(known[name])}
    if form.get("all") == "yes":
        scopes = {ALL}
    days = _WEEK_DAYS.get(form.get("days", ""), 30)
    token = add_token(
        session,
        user,
        description=form.get("description", ""),
        scopes=scopes,
        lasts=timedelta(days=days),
        caller=caller(req),
    )
    return Done(_("Copy the token now: it is not shown again."), (token,))


def _remove_token(req: falcon.Request, session: Session, user: User) -> Done:
    if not remove_token(session, user, _id(req), caller(req)):
        raise falcon.HTTPNotFound
    return Done(_("Token removed: whoever has it gets nothing more."))


_WITH_PROOF: Mapping[str, Change] = {
    "password": _change_password,
    "phone": _begin_phone,
    "remove-phone": _remove_phone,
    "codes": _make_codes,
    "passkey": _add_passkey,
    "remove-passkey": _remove_passkey,
    "token": _add_token,
}
_OF_HEAD_OFFICE = frozenset({"password", "phone", "remove-phone", "confirm"})
"""What is kept with the user; codes on paper, passkeys and tokens are each node's own."""
_CHANGES: Mapping[str, Change] = {
    "confirm": _confirm_phone,
    "session": _end_session,
    "others": _end_others,
    "remove-token": _remove_token,
}


def _id(req: falcon.Request) -> UUID:
    try:
        return UUID(req.context.what)
    except ValueError as error:
        raise falcon.HTTPNotFound from error


def _passkeys(req: falcon.Request, session: Session, user: User) -> list[Device]:
    rows = session.scalars(
        select(UserPasskey).where(UserPasskey.user_id == user.id).order_by(UserPasskey.id)
    )
    here = visit(req)
    return [Device(str(each.id), each.name, here.moment(each.used_at)) for each in rows]


def _sessions(req: falcon.Request, session: Session, user: User) -> list[Device]:
    rows = session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.is_pending.is_(False))
        .order_by(UserSession.seen_at.desc())
        .limit(50)
    )
    here = visit(req)
    return [
        Device(
            str(each.id),
            each.user_agent or _("A browser without a name"),
            here.moment(each.seen_at),
            str(each.address or ""),
            each.id == here.visitor.session_id,
        )
        for each in rows
    ]


def _tokens(req: falcon.Request, session: Session, user: User) -> list[Device]:
    here = visit(req)
    return [
        Device(
            str(each.id),
            each.description,
            here.moment(each.expires_at),
            _("everything that I may") if each.scopes == ALL else each.scopes,
        )
        for each in tokens_of(session, user)
    ]
