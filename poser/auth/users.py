# SPDX-License-Identifier: Apache-2.0
"""Adding users and giving them user roles and passwords."""

import difflib
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from poser.auth.passwords import hash_password
from poser.errors import PoserError
from poser.model import User, UserRole, UserSession

ADMINISTRATORS = "Administrators"
"""The user role that has every permission; each new database has it."""


def find_user(session: Session, name: str) -> User | None:
    """Find a user by the name they sign in with; capitals do not matter."""
    return session.scalars(select(User).where(User.name == name.strip().lower())).one_or_none()


def add_user(
    session: Session,
    name: str,
    *,
    full_name: str = "",
    user_roles: Sequence[str] = (),
    password: str | None = None,
    is_local: bool = False,
) -> User:
    """Add a user who has some user roles; without a password they cannot sign in yet.

    A local one is known on this node alone. Raises PoserError for a name that is taken or empty,
    or a user role that is not there.
    """
    if not name.strip():
        raise PoserError("a user needs a name", hint="one word, such as anna")
    if find_user(session, name):
        raise PoserError(
            f"there is a user {name.strip().lower()!r} already",
            hint="choose another name; --if-missing leaves an existing user as it is",
        )
    user = User(
        name=name.strip().lower(),
        full_name=full_name,
        password_hash=None if password is None else hash_password(password),
        user_roles=[_user_role(session, role) for role in user_roles],
        is_local=is_local,
    )
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """Give a user another password and end all their sessions."""
    user.password_hash = hash_password(password)
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))
    session.flush()


def _user_role(session: Session, name: str) -> UserRole:
    found = session.scalars(select(UserRole).where(UserRole.name == name)).one_or_none()
    if found is None:
        names = list(session.scalars(select(UserRole.name).order_by(UserRole.name)))
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        raise PoserError(
            f"there is no user role {name!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}",
        )
    return found
