# SPDX-License-Identifier: Apache-2.0
"""Customers' own accounts on the portal: who may sign in there, their browsers, their mails.

They are no users of Poser. Who they are to the retailer is in `customers` and `people`, which
go to the other nodes; what lets them in is here, and stays on the node that runs the portal.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

import poser.model.customers
import poser.model.people  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import MINE_ALONE, RIGHTS, check, flag, one_of, reference, words


class PortalTokenKind(StrEnum):
    """What a link in a mail is for."""

    CONFIRM = "confirm"
    PASSWORD = "password"  # noqa: S105 - a kind of token, not a password
    ADDRESS = "address"


class PortalEventKind(StrEnum):
    """What happened at the portal's door; what the staff's door knows has the same word."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a kind of event, not a password
    UNKNOWN_USER = "unknown_user"
    INACTIVE_USER = "inactive_user"
    THROTTLED = "throttled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of event, too
    ASKED_FOR_MAIL = "asked_for_mail"
    CONFIRMED = "confirmed"


class PortalAccount(Model):
    """A customer's account on the portal. Until its address is confirmed it is an application."""

    __tablename__ = "portal_accounts"
    __table_args__ = (
        UniqueConstraint("address"),
        UniqueConstraint("customer_id"),
        check(
            "address",
            r"address ~ '^[^@\s]+@[^@\s]+$' AND address = lower(address)",
            "An email address is a name, one @ and a domain, in lower case; not {address}.",
        ),
        check(
            "confirmed_at",
            "num_nonnulls(confirmed_at, customer_id, person_id, password_hash) IN (0, 4)",
            "A confirmed account has a customer, a person and a password; no other has any.",
        ),
        {"comment": "Customers' accounts on the portal.", "info": {**MINE_ALONE, **RIGHTS}},
    )

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(comment="Email address to sign in with; lower case.")
    customer_id: Mapped[UUID | None] = reference(
        "customers.id", "The customer whose account it is.", ondelete="CASCADE", index=False
    )
    person_id: Mapped[UUID | None] = reference(
        "people.id", "The person who signs in.", ondelete="CASCADE"
    )
    password_hash: Mapped[str | None] = mapped_column(
        info={"history": "secret"},
        comment="Argon2id hash with its parameters and salt; empty until confirmed.",
    )
    asked: Mapped[dict[str, Any]] = mapped_column(
        JSONB,
        server_default="{}",
        default=dict,
        info={"history": "secret"},
        comment="What was typed to sign up.",
    )
    consented_at: Mapped[datetime] = mapped_column(comment="When the terms were agreed to (UTC).")
    confirmed_at: Mapped[datetime | None] = mapped_column(
        comment="When the address was shown to be theirs (UTC)."
    )
    is_locked: Mapped[bool] = flag("May not sign in, by the staff's decision.")
    last_sign_in_at: Mapped[datetime | None] = mapped_column(
        comment="When they last signed in (UTC)."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class PortalSession(Model):
    """A browser that is signed in to the portal. Only a hash of its token is kept."""

    __tablename__ = "portal_sessions"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        check("token_sha256", "octet_length(token_sha256) = 32", "A token's SHA-256 has 32 bytes."),
        check("expires_at", "expires_at > created_at", "A session ends after it began."),
        {
            "comment": "Browsers that are signed in to the portal.",
            "info": {
                **MINE_ALONE,
                "upkeep": {
                    "sessions of the portal that are over": "WITH gone AS (DELETE FROM"
                    " portal_sessions WHERE expires_at <= now() RETURNING id)"
                    " SELECT count(*) FROM gone"
                },
            },
        },
    )

    id: Mapped[Id]
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the token in the browser's cookie."
    )
    account_id: Mapped[UUID] = reference(
        "portal_accounts.id", "Whose browser it is.", ondelete="CASCADE"
    )
    created_at: Mapped[datetime] = mapped_column(comment="When it began (UTC).")
    seen_at: Mapped[datetime] = mapped_column(
        comment="When it was last used (UTC), to within a minute."
    )
    expires_at: Mapped[datetime] = mapped_column(
        index=True, comment="When it ends however much it is used (UTC)."
    )
    address: Mapped[str | None] = mapped_column(INET, comment="Where it was opened from.")
    user_agent: Mapped[str] = words("What the browser calls itself; cut at 400.")

    account: Mapped[PortalAccount] = relationship()


class PortalToken(Model):
    """A link that was mailed: whoever has it reads the mail of that address. One use each."""

    __tablename__ = "portal_tokens"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        one_of("kind", PortalTokenKind),
        check("token_sha256", "octet_length(token_sha256) = 32", "A token's SHA-256 has 32 bytes."),
        {
            "comment": "Links that were mailed to customers.",
            "info": {
                **MINE_ALONE,
                "upkeep": {
                    "links of the portal that are over": "WITH gone AS (DELETE FROM"
                    " portal_tokens WHERE expires_at <= now() RETURNING id)"
                    " SELECT count(*) FROM gone",
                    "applications at the portal that nobody confirmed": "WITH gone AS (DELETE FROM"
                    " portal_accounts WHERE confirmed_at IS NULL"
                    " AND modified_at < now() - interval '30 days' RETURNING id)"
                    " SELECT count(*) FROM gone",
                },
            },
        },
    )

    id: Mapped[Id]
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the token in the link."
    )
    account_id: Mapped[UUID] = reference(
        "portal_accounts.id", "Whose account it is.", ondelete="CASCADE"
    )
    kind: Mapped[str] = mapped_column(comment="confirm, password or address.")
    address: Mapped[str] = mapped_column(comment="The address it was mailed to.")
    created_at: Mapped[datetime] = mapped_column(comment="When it was made (UTC).")
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="When it ends (UTC).")

    account: Mapped[PortalAccount] = relationship()


class PortalEvent(Model):
    """One sign-in, failed try or mail that somebody asked for; also for unknown addresses."""

    __tablename__ = "portal_events"
    __table_args__ = (
        one_of("kind", PortalEventKind),
        Index("ix_portal_events_name_at", "name", "at"),
        Index("ix_portal_events_address_at", "address", "at"),
        {
            "comment": "Who came to the portal's door, and what happened.",
            "info": {
                **MINE_ALONE,
                "upkeep": {
                    "events at the portal's door older than 180 days": "WITH gone AS (DELETE FROM"
                    " portal_events WHERE at < now() - interval '180 days' RETURNING id)"
                    " SELECT count(*) FROM gone"
                },
            },
        },
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="The address as typed, lower case, cut at 100.")
    kind: Mapped[str] = mapped_column(comment="What happened; see PortalEventKind.")
    address: Mapped[str | None] = mapped_column(INET, comment="Where it came from.")
    at: Mapped[datetime] = mapped_column(comment="When it happened (UTC).")
