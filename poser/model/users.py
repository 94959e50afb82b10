# SPDX-License-Identifier: Apache-2.0
"""People who sign in, what they may do, their sessions, and each try to sign in."""

from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.org
import poser.model.people  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import (
    MINE_ALONE,
    RIGHTS,
    check,
    filled,
    flag,
    one_of,
    reference,
    unique,
    words,
)
from poser.model.syncing import Flow, Sync, following

_PURGE = (
    "WITH gone AS (DELETE FROM user_sessions WHERE expires_at <= now() RETURNING id)"
    " SELECT count(*) FROM gone"
)


# Who may do what is decided at head office: a stolen store node must not raise anybody's rights.
_IS_LOCAL = "CASE WHEN %s.is_local THEN '{}'::text[] END"
_IS_KEPT = "CASE WHEN NOT %s.is_synced THEN '{}'::text[] END"
_OF_USERS = {
    "sync": Sync(flow=Flow.DOWN, recipients=_IS_LOCAL % "r", on_cloud=True, has_own_rows=True)
}
_OF_USER_ROLES = {
    "sync": Sync(flow=Flow.DOWN, recipients=_IS_KEPT % "r", on_cloud=True, has_own_rows=True)
}
_OF_USER_ROLE = following(
    "user_role_id", "user_roles", _IS_KEPT % "p", flow=Flow.DOWN, on_cloud=True
)
_OF_USERS_USER_ROLE = {
    "sync": Sync(
        flow=Flow.DOWN,
        recipients="CASE WHEN (SELECT u.is_local OR NOT (p.is_synced AND p.syncs_users)"
        " FROM users AS u, user_roles AS p WHERE u.id = r.user_id AND p.id = r.user_role_id)"
        " THEN '{}'::text[] END",
        follows={"user_id": "users", "user_role_id": "user_roles"},
        on_cloud=True,
    )
}
OF_USER = following("user_id", "users", _IS_LOCAL % "p", flow=Flow.DOWN, on_cloud=True)
"""How what belongs to a user is kept in step."""


class SignInKind(StrEnum):
    """What happened at the door."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a kind of event, not a password
    UNKNOWN_USER = "unknown_user"
    INACTIVE_USER = "inactive_user"
    THROTTLED = "throttled"
    WRONG_CODE = "wrong_code"
    BECAME_ROOT = "became_root"
    LEFT_ROOT = "left_root"
    ROOT_REFUSED = "root_refused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of event, too
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    SESSION_ENDED = "session_ended"
    TOKEN_ADDED = "token_added"  # noqa: S105 - and this
    TOKEN_REMOVED = "token_removed"  # noqa: S105 - and this


class HoldsFor(StrEnum):
    """Who has a user role: those it was given to, or many without anybody giving it."""

    MEMBERS = "members"
    SIGNED_IN = "signed_in"
    ANYONE = "anyone"


class UserRole(Model):
    """A named set of permissions that users have; a machine has a role instead."""

    __tablename__ = "user_roles"
    __table_args__ = (
        unique("name"),
        filled("name"),
        one_of("holds_for", HoldsFor, what="Who has a user role"),
        check(
            "is_administrator",
            "NOT is_administrator OR holds_for = 'members'",
            "Every permission is given by name only, not to all who are signed in.",
        ),
        check(
            "session_minutes",
            "session_minutes BETWEEN 1 AND 10080",
            "A session ends after 1 to 10080 unused minutes (a week), not {session_minutes}.",
        ),
        Index(
            "ix_user_roles_holds_for",
            "holds_for",
            unique=True,
            postgresql_where=text("holds_for <> 'members'"),
        ),
        {"comment": "Named sets of permissions.", "info": {**RIGHTS, **_OF_USER_ROLES}},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="What people call the user role.")
    description: Mapped[str] = words("What it is for.")
    is_administrator: Mapped[bool] = flag("Has every permission there is, now and later.")
    is_synced: Mapped[bool] = flag("Other nodes get the user role and its permissions too.")
    syncs_users: Mapped[bool] = flag("Other nodes also get who has it.")
    node_kind: Mapped[str] = words(
        "Role of the nodes that it holds on, such as store; empty means all."
    )
    holds_for: Mapped[str] = words(
        "members, or without being given: signed_in or anyone.", default=HoldsFor.MEMBERS
    )
    session_minutes: Mapped[int | None] = mapped_column(
        comment="Sessions of who has it end after so many unused minutes; empty: twelve hours."
    )
    created_at: Mapped[CreatedAt]

    permissions: Mapped[list["UserRolePermission"]] = relationship(
        cascade="all, delete-orphan", order_by="UserRolePermission.permission"
    )


class UserRolePermission(Model):
    """One thing that users with a user role may do."""

    __tablename__ = "user_role_permissions"
    __table_args__ = (
        unique("user_role_id", "permission"),
        check(
            "permission",
            r"permission ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'",
            "A permission is a subject and a verb, such as products.view; not {permission}.",
        ),
        {"comment": "What each user role may do.", "info": {**RIGHTS, **_OF_USER_ROLE}},
    )

    id: Mapped[Id]
    user_role_id: Mapped[UUID] = reference(
        "user_roles.id", "The user role that may.", ondelete="CASCADE", index=False
    )
    permission: Mapped[str] = mapped_column(comment="Subject and verb, such as products.view.")


class UserUserRole(Model):
    """One user's having one user role."""

    __tablename__ = "user_user_role"
    __table_args__ = (
        unique("user_id", "user_role_id"),
        {
            "comment": "Which users have which user roles.",
            "info": {**RIGHTS, **_OF_USERS_USER_ROLE},
        },
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = reference(
        "users.id", "Who has the user role.", ondelete="CASCADE", index=False
    )
    user_role_id: Mapped[UUID] = reference(
        "user_roles.id", "The user role that is had.", ondelete="CASCADE"
    )


user_user_role = cast("Table", UserUserRole.__table__)
"""The bare link table, for queries that need no objects."""


class User(Model):
    """Somebody who may sign in."""

    __tablename__ = "users"
    __table_args__ = (
        unique("name"),
        check(
            "name",
            "name = lower(name) AND name = btrim(name) AND name <> ''",
            "A user's name is in lower case, without blanks around it; not {name}.",
        ),
        {"comment": "People who may sign in.", "info": {**RIGHTS, **_OF_USERS}},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="Name typed to sign in; lower case.")
    full_name: Mapped[str] = words("Name shown to others; may be empty.")
    password_hash: Mapped[str | None] = mapped_column(
        info={"history": "secret"},
        comment="Argon2id hash with its parameters and salt; empty means cannot sign in.",
    )
    is_active: Mapped[bool] = flag("May sign in now.", default=True)
    created_at: Mapped[CreatedAt]
    last_sign_in_at: Mapped[datetime | None] = mapped_column(
        info={"history": False}, comment="When this user last signed in (UTC)."
    )
    person_id: Mapped[UUID | None] = reference(
        "people.id", "The person who signs in.", ondelete="SET NULL"
    )
    is_local: Mapped[bool] = flag("Stays on this node: sync leaves the user out.")
    is_limited_to_stores: Mapped[bool] = flag(
        "Sees rows of the stores given to the user only, and of no store if none is given."
    )

    user_roles: Mapped[list[UserRole]] = relationship(
        secondary=user_user_role, order_by=UserRole.name
    )


class UserStore(Model):
    """One store whose rows a user sees, who is limited to some."""

    __tablename__ = "user_stores"
    __table_args__ = (
        unique("user_id", "store_id"),
        {"comment": "Stores of the users who are limited to some.", "info": {**RIGHTS, **OF_USER}},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = reference(
        "users.id", "Who is limited.", ondelete="CASCADE", index=False
    )
    store_id: Mapped[UUID] = reference("stores.id", "The store they see.", ondelete="CASCADE")


class UserSession(Model):
    """A signed-in browser. Only a hash of its token is kept."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        check("token_sha256", "octet_length(token_sha256) = 32", "A token's SHA-256 has 32 bytes."),
        check("expires_at", "expires_at > created_at", "A session ends after it began."),
        {
            "comment": "Browsers that are signed in.",
            "info": {**MINE_ALONE, "upkeep": {"sessions that are over": _PURGE}},
        },
    )

    id: Mapped[Id]
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the token in the browser's cookie."
    )
    user_id: Mapped[UUID] = reference("users.id", "Who is signed in.", ondelete="CASCADE")
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[datetime] = mapped_column(
        comment="When the session was last used (UTC), to within a minute."
    )
    expires_at: Mapped[datetime] = mapped_column(
        index=True, comment="When the session ends however much it is used (UTC)."
    )
    address: Mapped[str | None] = mapped_column(INET, comment="Where it was opened from.")
    user_agent: Mapped[str] = words("What the browser calls itself; cut at 400.")
    is_pending: Mapped[bool] = flag("The password was right; a code is still to come.")
    root_until: Mapped[datetime | None] = mapped_column(
        comment="Has every permission until then (UTC)."
    )
    root_since: Mapped[datetime | None] = mapped_column(comment="When that began (UTC).")
    root_reason: Mapped[str] = words("Why, in the user's words.")

    user: Mapped[User] = relationship()


class SignInEvent(Model):
    """One sign-in, sign-out or failed try; kept also for names that do not exist."""

    __tablename__ = "sign_in_events"
    __table_args__ = (
        one_of("kind", SignInKind),
        Index("ix_sign_in_events_name_at", "name", "at"),
        Index("ix_sign_in_events_address_at", "address", "at"),
        {"comment": "Who came to the door, and what happened.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = reference(
        "users.id", "The user, if the name is one's.", ondelete="SET NULL"
    )
    name: Mapped[str] = mapped_column(comment="The name as typed, lower case, cut at 100.")
    kind: Mapped[str] = mapped_column(comment="What happened; see SignInKind.")
    address: Mapped[str | None] = mapped_column(INET, comment="Where it came from.")
    at: Mapped[datetime] = mapped_column(comment="When it happened (UTC).")
    note: Mapped[str] = words("More about it, such as the reason to become root.")
