# SPDX-License-Identifier: Apache-2.0
"""Whom somebody may change: nobody changes those who have more rights than they have.

One rule for all ways of changing users and user roles, said as conditions of a statement, so
that forms, cells, changes of many rows, the API and the history ask it alike. A right counts
where it holds: who may do something on one kind of node does not give it to others on all.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_, select, true
from sqlalchemy.orm import Session

from poser.auth.permissions import Rights
from poser.errors import PoserError
from poser.model import User, UserRole, UserRolePermission, UserStore, user_user_role

Conditions = Sequence[ColumnElement[bool]]

_R, _P, _S = UserRole.__table__.c, UserRolePermission.__table__.c, UserStore.__table__.c
_U = User.__table__.c
LESS = "only somebody who may do all that themselves can do this"


def roles_within(by: Rights) -> Conditions:
    """Say which user roles give nothing that `by` has not, and nowhere where `by` has it not."""
    if by.everywhere is None:
        return _giving_no_more(by)
    on_theirs = and_(_R.node_kind == by.node_kind, *_giving_no_more(by))
    return (or_(on_theirs, and_(true(), *_giving_no_more(by.everywhere))),)


def _giving_no_more(by: Rights) -> Conditions:
    if by.has_all:
        return ()
    beyond = select(_P.user_role_id).where(_P.permission.not_in(sorted(by.permissions)))
    return not_(_R.is_administrator), _R.id.not_in(beyond)


def users_within(by: Rights) -> Conditions:
    """Say which users may do nothing, and see no store, that `by` may not.

    What holds for all who are signed in holds for `by`, too, and is not looked at.
    """
    if by.has_all and by.everywhere is None:
        return ()
    fit = select(_R.id).where(*roles_within(by))
    link = user_user_role.c
    found: list[ColumnElement[bool]] = [
        _U.id.not_in(select(link.user_id).where(link.user_role_id.not_in(fit)))
    ]
    if by.stores is not None:
        elsewhere = select(_S.user_id).where(_S.store_id.not_in(sorted(by.stores)))
        found += [_U.is_limited_to_stores, _U.id.not_in(elsewhere)]
    return found


def may_change(session: Session, user_id: UUID, *, by: Rights) -> bool:
    """Tell whether a user is one whom `by` may change."""
    found = session.execute(select(_U.id).where(_U.id == user_id, *users_within(by)))
    return found.one_or_none() is not None


def require_within(session: Session, user: User, *, by: Rights) -> None:
    """Raise PoserError for a user who may do more than `by`: nothing of theirs is changed."""
    if not may_change(session, user.id, by=by):
        raise PoserError(f"{user.name} may do more than you", hint=LESS)


def require_role_within(session: Session, role: UserRole, *, by: Rights) -> None:
    """Raise PoserError for a user role that gives more than `by` has."""
    found = session.execute(select(_R.id).where(_R.id == role.id, *roles_within(by)))
    if found.one_or_none() is None:
        raise PoserError(f"you may not give or take the user role {role.name}", hint=LESS)
