# SPDX-License-Identifier: Apache-2.0
"""People who sign in, what they may do, their sessions, and each try to sign in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poser.db.base import CreatedAt, Id, Model


class SignInKind(StrEnum):
    """What happened at the door."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a kind of event, not a password
    UNKNOWN_USER = "unknown_user"
    INACTIVE_USER = "inactive_user"
    THROTTLED = "throttled"


user_user_role = Table(
    "user_user_role",
    Model.metadata,
    Column(
        "user_id",
        ForeignKey("users.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        primary_key=True,
        comment="Who has the user role.",
    ),
    Column(
        "user_role_id",
        ForeignKey("user_roles.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        primary_key=True,
        index=True,
        comment="The user role that is had.",
    ),
    comment="Which users have which user roles.",
)


class UserRole(Model):
    """A named set of permissions that users have; a machine has a role instead."""

    __tablename__ = "user_roles"
    __table_args__ = (
        UniqueConstraint("name", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint("name <> '' AND name = btrim(name)", name="name"),
        {"comment": "Named sets of permissions."},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="What people call the user role.")
    description: Mapped[str] = mapped_column(
        server_default="", default="", comment="What it is for."
    )
    is_administrator: Mapped[bool] = mapped_column(
        server_default=text("false"),
        default=False,
        comment="Has every permission there is, now and later.",
    )
    created_at: Mapped[CreatedAt]

    permissions: Mapped[list["UserRolePermission"]] = relationship(
        cascade="all, delete-orphan", order_by="UserRolePermission.permission"
    )


class UserRolePermission(Model):
    """One thing that users with a user role may do."""

    __tablename__ = "user_role_permissions"
    __table_args__ = (
        CheckConstraint(r"permission ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$'", name="permission"),
        {"comment": "What each user role may do."},
    )

    user_role_id: Mapped[UUID] = mapped_column(
        ForeignKey("user_roles.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        primary_key=True,
        comment="The user role that may.",
    )
    permission: Mapped[str] = mapped_column(
        primary_key=True, comment="Subject and verb, such as products.view."
    )


class User(Model):
    """Somebody who may sign in."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("name", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint("name = lower(name) AND name = btrim(name) AND name <> ''", name="name"),
        {"comment": "People who may sign in."},
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="Name typed to sign in; lower case.")
    full_name: Mapped[str] = mapped_column(
        server_default="", default="", comment="Name shown to others; may be empty."
    )
    password_hash: Mapped[str | None] = mapped_column(
        comment="Argon2id hash with its parameters and salt; empty means cannot sign in."
    )
    is_active: Mapped[bool] = mapped_column(
        server_default=text("true"), default=True, comment="May sign in now."
    )
    created_at: Mapped[CreatedAt]
    last_sign_in_at: Mapped[datetime | None] = mapped_column(
        comment="When this user last signed in (UTC)."
    )

    user_roles: Mapped[list[UserRole]] = relationship(
        secondary=user_user_role, order_by=UserRole.name
    )


class UserSession(Model):
    """A signed-in browser. Only a hash of its token is kept."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        CheckConstraint("octet_length(token_sha256) = 32", name="token_sha256"),
        CheckConstraint("expires_at > created_at", name="expires_at"),
        {"comment": "Browsers that are signed in."},
    )

    id: Mapped[Id]
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the token in the browser's cookie."
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE", deferrable=True, initially="IMMEDIATE"),
        index=True,
        comment="Who is signed in.",
    )
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[datetime] = mapped_column(
        comment="When the session was last used (UTC), to within a minute."
    )
    expires_at: Mapped[datetime] = mapped_column(
        index=True, comment="When the session ends however much it is used (UTC)."
    )
    address: Mapped[str | None] = mapped_column(INET, comment="Where it was opened from.")
    user_agent: Mapped[str] = mapped_column(
        server_default="", default="", comment="What the browser calls itself; cut at 400."
    )

    user: Mapped[User] = relationship()


class SignInEvent(Model):
    """One sign-in, sign-out or failed try; kept also for names that do not exist."""

    __tablename__ = "sign_in_events"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('signed_in', 'signed_out', 'wrong_password', 'unknown_user',"
            " 'inactive_user', 'throttled')",
            name="kind",
        ),
        Index("ix_sign_in_events_name_at", "name", "at"),
        Index("ix_sign_in_events_address_at", "address", "at"),
        {"comment": "Who came to the door, and what happened."},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL", deferrable=True, initially="IMMEDIATE"),
        index=True,
        comment="The user, if the name is one's.",
    )
    name: Mapped[str] = mapped_column(comment="The name as typed, lower case, cut at 100.")
    kind: Mapped[str] = mapped_column(comment="What happened; see SignInKind.")
    address: Mapped[str | None] = mapped_column(INET, comment="Where it came from.")
    at: Mapped[datetime] = mapped_column(comment="When it happened (UTC).")
