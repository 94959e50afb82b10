# SPDX-License-Identifier: Apache-2.0
"""What people show besides a password: codes of an app, passkeys, and codes kept on paper."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import RIGHTS, check, filled, reference, words
from poser.model.syncing import STAYS
from poser.model.users import OF_USER


class UserTotp(Model):
    """The secret that a user's phone makes codes from; it counts once a code was right."""

    __tablename__ = "user_totps"
    __table_args__ = (
        UniqueConstraint("user_id"),
        {"comment": "Secrets by which phones make sign-in codes.", "info": {**RIGHTS, **OF_USER}},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = reference(
        "users.id", "Whose codes they are.", ondelete="CASCADE", index=False
    )
    secret: Mapped[str] = mapped_column(
        info={"history": "secret"}, comment="Shared secret in base32 (RFC 6238)."
    )
    confirmed_at: Mapped[datetime | None] = mapped_column(
        comment="When the first code was right (UTC); empty: not asked for yet."
    )
    last_step: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        default=0,
        info={"history": False},
        comment="Number of the 30 seconds of the last code: none is taken twice.",
    )
    created_at: Mapped[CreatedAt]


class UserPasskey(Model):
    """A key that a device of a user holds; what is kept here is public."""

    __tablename__ = "user_passkeys"
    __table_args__ = (
        UniqueConstraint("credential_id"),
        filled("name"),
        {"comment": "Keys that users' devices hold.", "info": {**RIGHTS, **STAYS}},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = reference("users.id", "Who has the device.", ondelete="CASCADE")
    name: Mapped[str] = mapped_column(comment="What the user calls the device.")
    credential_id: Mapped[bytes] = mapped_column(
        LargeBinary, comment="By which the device finds the key."
    )
    public_key: Mapped[bytes] = mapped_column(
        LargeBinary, comment="The public half of the key, as COSE writes it."
    )
    sign_count: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        default=0,
        info={"history": False},
        comment="How often the device says it has used the key; 0: it does not count.",
    )
    transports: Mapped[str] = words("How the device is reached, such as usb nfc.")
    used_at: Mapped[datetime | None] = mapped_column(
        info={"history": False}, comment="When it was last used (UTC)."
    )
    created_at: Mapped[CreatedAt]


class UserRecoveryCode(Model):
    """A code on paper that lets a user in once, without the phone."""

    __tablename__ = "user_recovery_codes"
    __table_args__ = (
        UniqueConstraint("user_id", "code_sha256"),
        check("code_sha256", "octet_length(code_sha256) = 32", "A SHA-256 has 32 bytes."),
        {"comment": "Codes on paper that let users in once.", "info": {**RIGHTS, **STAYS}},
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = reference(
        "users.id", "Whom it lets in.", ondelete="CASCADE", index=False
    )
    code_sha256: Mapped[bytes] = mapped_column(
        LargeBinary,
        info={"history": "secret"},
        comment="SHA-256 of the code, 32 bytes: the code is long and random.",
    )
    used_at: Mapped[datetime | None] = mapped_column(
        comment="When it let somebody in (UTC); empty: still good."
    )
    created_at: Mapped[CreatedAt]
