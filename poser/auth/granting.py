# SPDX-License-Identifier: Apache-2.0
"""Giving user roles, permissions, stores and passwords: nobody gives more than they have."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from poser.auth.permissions import Rights
from poser.auth.reach import LESS, require_role_within, require_within
from poser.auth.users import set_password
from poser.errors import PoserError
from poser.model import User, UserRole, UserRolePermission, UserStore, user_user_role


def set_user_roles(session: Session, user: User, wanted: Collection[UUID], *, by: Rights) -> None:
    """Let a user have just these user roles. Raises PoserError for one, or a user, beyond `by`."""
    require_within(session, user, by=by)
    had = set(
        session.scalars(
            select(user_user_role.c.user_role_id).where(user_user_role.c.user_id == user.id)
        )
    )
    changed = had ^ set(wanted)
    for role in session.scalars(select(UserRole).where(UserRole.id.in_(changed))):
        require_role_within(session, role, by=by)
    user.user_roles = list(session.scalars(select(UserRole).where(UserRole.id.in_(wanted))))
    session.flush()


def set_stores(
    session: Session, user: User, wanted: Collection[UUID] | None, *, by: Rights
) -> None:
    """Limit a user to some stores, or (None) to no stores in particular.

    Raises PoserError for a store, or a user, beyond `by`.
    """
    require_within(session, user, by=by)
    mine = by.stores
    if mine is not None and (wanted is None or not set(wanted) <= mine):
        raise PoserError("you may give your own stores only", hint=LESS)
    user.is_limited_to_stores = wanted is not None
    session.execute(delete(UserStore).where(UserStore.user_id == user.id))
    session.add_all(UserStore(user_id=user.id, store_id=each) for each in wanted or ())
    session.flush()


def give_password(session: Session, user: User, password: str, *, by: Rights) -> None:
    """Give another user a password and end their sessions. Raises PoserError beyond `by`."""
    require_within(session, user, by=by)
    set_password(session, user, password)


def set_permissions(
    session: Session, wanted: Mapping[UUID, frozenset[str]], *, among: frozenset[str], by: Rights
) -> int:
    """Let user roles have just these of the permissions `among`, and tell how many changed.

    Others that they have stay. Raises PoserError for a permission, or a user role, beyond `by`.
    """
    count = 0
    for role in session.scalars(select(UserRole).where(UserRole.id.in_(wanted))):
        had = {each.permission for each in role.permissions}
        changed = sorted((had & among) ^ (wanted[role.id] & among))
        if changed:
            require_role_within(session, role, by=by)
        for name in changed:
            if not by.may(name):
                raise PoserError(f"you may not give or take {name}", hint=LESS)
            count += 1
            if name in had:
                role.permissions = [p for p in role.permissions if p.permission != name]
            else:
                role.permissions.append(UserRolePermission(permission=name))
        session.flush()
        if changed:  # once more: what was added may hold on more nodes than it does for `by`
            require_role_within(session, role, by=by)
    return count
