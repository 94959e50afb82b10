# SPDX-License-Identifier: Apache-2.0
"""Tokens by which programs act for a user; only a hash of each is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import RIGHTS, check, filled, reference, words
from poser.model.syncing import STAYS


class UserApiToken(Model):
    """A token that a program shows instead of a password."""

    __tablename__ = "user_api_tokens"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        filled("description"),
        check("token_sha256", "octet_length(token_sha256) = 32", "A SHA-256 has 32 bytes."),
        check(
            "scopes",
            r"scopes ~ '^(|\*|[a-z][a-z_]*\.[a-z][a-z_]*( [a-z][a-z_]*\.[a-z][a-z_]*)*)$'",
            "What a token may do is a list of permissions, or * for all of its user.",
        ),
        check("expires_at", "expires_at > created_at", "A token ends after it began."),
        {"comment": "Tokens by which programs act for users.", "info": {**RIGHTS, **STAYS}},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = reference("users.id", "Whom it acts for.", ondelete="CASCADE")
    description: Mapped[str] = mapped_column(comment="What program has it.")
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, info={"history": "secret"}, comment="SHA-256 of the token, 32 bytes."
    )
    scopes: Mapped[str] = words(
        "Permissions it has of those of its user, separated by blanks; * for all of them."
    )
    expires_at: Mapped[datetime | None] = mapped_column(comment="When it ends (UTC).")
    used_at: Mapped[datetime | None] = mapped_column(
        info={"history": False}, comment="When it was last used (UTC), to within a minute."
    )
    created_at: Mapped[CreatedAt]
