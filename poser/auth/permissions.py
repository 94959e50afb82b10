# SPDX-License-Identifier: Apache-2.0
"""What a user may do: the permissions of all their user roles together."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.model import UserRole, UserRolePermission, user_user_role


@dataclass(frozen=True, slots=True)
class Permission:
    """The right to do one thing: `name` as `subject.verb`, `what` as people say it."""

    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The permissions of one user; an administrator has every one there is."""

    has_all: bool = False
    permissions: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Tell whether `permission` (such as products.edit) is among them."""
        return self.has_all or permission in self.permissions


def rights(session: Session, user_id: UUID) -> Rights:
    """Look up what a user may do, in one query."""
    row = session.execute(
        select(
            func.coalesce(func.bool_or(UserRole.is_administrator), False),
            func.array_remove(func.array_agg(UserRolePermission.permission.distinct()), None),
        )
        .select_from(user_user_role)
        .join(UserRole, UserRole.id == user_user_role.c.user_role_id)
        .outerjoin(UserRolePermission, UserRolePermission.user_role_id == UserRole.id)
        .where(user_user_role.c.user_id == user_id)
    ).one()
    return Rights(has_all=row[0], permissions=frozenset(row[1] or ()))
