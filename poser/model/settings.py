# SPDX-License-Identifier: Apache-2.0
"""Settings that are kept in the database: changed while services run, for all or by user role."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import RIGHTS, check, reference
from poser.model.syncing import STAYS
from poser.model.users import UserRole


class SettingRow(Model):
    """The value of one setting, for everybody or for the users with one user role.

    What a setting is called and what it may be is declared in the code (poser.config), which
    also says which settings may be here; those of files win over these. Every change is
    announced to all processes that listen (poser.settings.live).
    """

    __tablename__ = "settings"
    __table_args__ = (
        UniqueConstraint(
            "name",
            "user_role_id",
            postgresql_nulls_not_distinct=True,
            deferrable=True,
            initially="IMMEDIATE",
        ),
        check(
            "name",
            r"name ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'",
            "A setting is named section.option in lower case, not {name}.",
        ),
        {
            "comment": "Settings that apply at once, without a change of files.",
            "info": {**RIGHTS, **STAYS},
        },
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(comment="Section and option, such as web.workers.")
    user_role_id: Mapped[UUID | None] = reference(
        "user_roles.id",
        "Holds for users with this user role; empty: for everybody.",
        ondelete="CASCADE",
    )
    value: Mapped[str] = mapped_column(comment="The value as text, as a settings file has it.")
    expires_at: Mapped[datetime | None] = mapped_column(
        comment="Holds until then (UTC); empty: for good."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    user_role: Mapped[UserRole | None] = relationship()
