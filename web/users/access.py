# SPDX-License-Identifier: Apache-2.0
"""What one user may do, and why: user roles, stores, password, sessions."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.auth.choosing import check_chosen
from poser.auth.events import record
from poser.auth.factors import remove_factors
from poser.auth.granting import give_password, set_stores, set_user_roles
from poser.auth.permissions import Rights, rights
from poser.auth.reach import may_change, require_within, roles_within
from poser.auth.sessions import close_others
from poser.model import (
    HoldsFor,
    SignInKind,
    Store,
    User,
    UserPasskey,
    UserRole,
    UserSession,
    UserStore,
    UserTotp,
)
from web.flash import flash
from web.formats import Moment
from web.head_office import is_giving_kept_there, is_user_kept_there, require_user_here
from web.language import _
from web.permissions import Permission
from web.resources.reading import read_record
from web.resources.record_page import frame_of
from web.resources.resource import Resource
from web.showing import show
from web.users.asking import rights_of_visitor, see_other, writing
from web.users.passwords import translated
from web.visitors import caller
from web.visits import Visit, visit


class Tick(NamedTuple):
    """One box to tick; `may` tells whether this visitor may change it."""

    id: str
    name: str
    about: str
    is_on: bool
    may: bool = True


class Why(NamedTuple):
    """One thing the user may do, and the user roles that give it."""

    name: str
    what: str
    by: str


class Seen(NamedTuple):
    """One browser in which the user is signed in."""

    seen: Moment | None
    address: str
    browser: str


class AccessPage:
    """Falcon resource: the tab of a user's record about rights."""

    most_fields = 2_000

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show what the user may do here, why, and where they are signed in."""
        here = visit(req)
        here.place = self._resource.path
        session = here.read()
        shown = read_record(session, self._resource, key, here.visitor)
        user = _find(session, key)
        mine = rights_of_visitor(here.visitor)
        found = rights(session, user.id, node_kind=here.site.node.role)
        reasons = [] if found.has_all else _why(session, found, here.site.permissions)
        show(
            req,
            resp,
            "user_access.pt",
            title=_("What {name} may do").format(name=user.full_name or user.name),
            frame=frame_of(here, self._resource, shown, "access"),
            parts=here.site.templates["record_parts.pt"],
            path=f"{self._resource.record_path(key)}/access",
            user=user,
            has_all=found.has_all,
            roles=_roles(here, user, mine),
            stores=_stores(session, user, mine),
            why=reasons,
            by_all=_giving_all(session, found),
            sessions=_sessions(here, session, user),
            has_factor=_has_factor(session, user),
            may_more=may_change(session, user.id, by=mine),
            is_kept_there=is_user_kept_there(here, user),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Change what the pressed button stands for."""
        form: Mapping[str, str] = req.context.form
        change = _CHANGES.get(form.get("do", ""))
        if change is None:
            raise falcon.HTTPBadRequest(description=_("There is no such button."))
        here = visit(req)
        with writing(req) as session:
            read_record(session, self._resource, key, here.visitor)
            user = _find(session, key)
            require_within(session, user, by=rights_of_visitor(here.visitor))
            if change in _OF_HEAD_OFFICE:
                require_user_here(here, user)
            said = change(req, session, user)
        flash(resp, said)
        see_other(resp, f"{self._resource.record_path(key)}/access")


def _set_roles(req: falcon.Request, session: Session, user: User) -> str:
    here = visit(req)
    given = {role.id for role in user.user_roles if is_giving_kept_there(here, user, role)}
    wanted = _ids(req.context.form, "role")
    for role in session.scalars(select(UserRole).where(UserRole.id.in_(wanted - given))):
        if is_giving_kept_there(here, user, role):
            require_user_here(here, user)
    set_user_roles(session, user, wanted | given, by=rights_of_visitor(here.visitor))
    return _("User roles saved.")


def _set_stores(req: falcon.Request, session: Session, user: User) -> str:
    is_limited = req.context.form.get("limited") == "yes"
    wanted = _ids(req.context.form, "store") if is_limited else None
    set_stores(session, user, wanted, by=rights_of_visitor(visit(req).visitor))
    return _("Stores saved.")


def _set_password(req: falcon.Request, session: Session, user: User) -> str:
    password = req.context.form.get("password", "")
    with translated(password):
        check_chosen(visit(req).site.config, password, names=(user.name, user.full_name))
        give_password(session, user, password, by=rights_of_visitor(visit(req).visitor))
    who = visit(req).visitor.name
    record(session, user, SignInKind.PASSWORD_CHANGED, caller(req), note=f"by {who}")
    return _("The new password holds from now on; all sessions of the user ended.")


def _remove_factors(req: falcon.Request, session: Session, user: User) -> str:
    visitor = visit(req).visitor
    remove_factors(session, user)
    record(session, user, SignInKind.FACTOR_REMOVED, caller(req), note=f"by {visitor.name}")
    return _("The password alone lets the user in now.")


def _end_sessions(req: falcon.Request, session: Session, user: User) -> str:
    visitor = visit(req).visitor
    count = close_others(session, user.id, visitor.session_id)
    record(session, user, SignInKind.SESSION_ENDED, caller(req), note=f"by {visitor.name}")
    return _("Sessions ended: {count}.").format(count=count)


_OF_HEAD_OFFICE = (_set_stores, _set_password, _remove_factors)
_CHANGES = {
    "roles": _set_roles,
    "stores": _set_stores,
    "password": _set_password,
    "factors": _remove_factors,
    "sessions": _end_sessions,
}


def _find(session: Session, key: UUID) -> User:
    found = session.get(User, key)
    if found is None:
        raise falcon.HTTPNotFound
    return found


def _ids(form: Mapping[str, str], what: str) -> set[UUID]:
    try:
        return {UUID(name.partition(".")[2]) for name in form if name.startswith(f"{what}.")}
    except ValueError as error:
        raise falcon.HTTPBadRequest(description=_("There is no such box.")) from error


def _roles(here: Visit, user: User, mine: Rights) -> list[Tick]:
    session = here.read()
    given = {role.id for role in user.user_roles}
    within = set(session.scalars(select(UserRole.id).where(*roles_within(mine))))
    rows = session.scalars(
        select(UserRole).where(UserRole.holds_for == HoldsFor.MEMBERS).order_by(UserRole.name)
    )
    return [
        Tick(
            id=str(role.id),
            name=role.name,
            about=role.description,
            is_on=role.id in given,
            may=role.id in within and not is_giving_kept_there(here, user, role),
        )
        for role in rows
    ]


def _stores(session: Session, user: User, mine: Rights) -> list[Tick]:
    given = set(session.scalars(select(UserStore.store_id).where(UserStore.user_id == user.id)))
    return [
        Tick(
            id=str(store.id),
            name=f"{store.number} {store.name}",
            about="",
            is_on=store.id in given,
            may=mine.stores is None or store.id in mine.stores,
        )
        for store in session.scalars(select(Store).order_by(Store.number))
    ]


def _why(session: Session, found: Rights, known: Mapping[str, Permission]) -> list[Why]:
    """Say of each permission which user roles give it."""
    roles = session.scalars(
        select(UserRole).where(UserRole.id.in_(found.user_roles)).order_by(UserRole.name)
    ).all()
    given = {role.name: {each.permission for each in role.permissions} for role in roles}
    return [
        Why(
            name=name,
            what=_(known[name].what) if name in known else name,
            by=", ".join(who for who, has in given.items() if name in has),
        )
        for name in sorted(found.permissions)
    ]


def _giving_all(session: Session, found: Rights) -> str:
    """Name the user roles that give everything."""
    names = session.scalars(
        select(UserRole.name)
        .where(UserRole.id.in_(found.user_roles), UserRole.is_administrator)
        .order_by(UserRole.name)
    )
    return ", ".join(names) if found.has_all else ""


def _sessions(here: Visit, session: Session, user: User) -> list[Seen]:
    rows = session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.is_pending.is_(False))
        .order_by(UserSession.seen_at.desc())
        .limit(50)
    )
    return [
        Seen(here.moment(each.seen_at), str(each.address or ""), each.user_agent) for each in rows
    ]


def _has_factor(session: Session, user: User) -> bool:
    return any(
        session.scalars(select(table.id).where(table.user_id == user.id).limit(1)).first()
        for table in (UserTotp, UserPasskey)
    )
