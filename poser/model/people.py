# SPDX-License-Identifier: Apache-2.0
"""People: each once, whatever they are to the retailer.

A person may be a user, an employee, a member, a customer, a vendor's contact, or all of
them. Two rows that turn out to be one person are merged after somebody asked for it.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, filled, flag, one_of, reference, words
from poser.model.syncing import STAYS, everywhere


class MergeStatus(StrEnum):
    """How far a request to merge is."""

    ASKED = "asked"
    MERGED = "merged"
    REFUSED = "refused"


class Person(Model):
    """Somebody, under the name that others see."""

    __tablename__ = "people"
    __table_args__ = (
        filled("display_name"),
        Index("ix_people_display_name_id", "display_name", "id"),
        Index(
            "ix_people_search",
            text("lower(display_name) gin_trgm_ops"),
            postgresql_using="gin",
        ),
        Index("ix_people_family_name", text("lower(family_name)")),
        {
            "comment": "People, each once: customers, members, employees, contacts, users.",
            "info": everywhere(on_cloud=True),
        },
    )

    id: Mapped[Id]
    display_name: Mapped[str] = mapped_column(comment="The name that others see, such as Ada Berg.")
    given_name: Mapped[str] = words("First or given name; may be empty.")
    preferred_name: Mapped[str] = words("What they like to be called; may be empty.")
    middle_name: Mapped[str] = words("Middle names; may be empty.")
    family_name: Mapped[str] = words("Last or family name; may be empty.")
    language: Mapped[str] = words("Language to write in (BCP 47), such as en or es-MX.")
    is_local: Mapped[bool] = flag("Stays on this node: sync leaves it out.")
    is_archived: Mapped[bool] = flag("No longer dealt with; kept for what was.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class PersonMerge(Model):
    """Somebody's request to make one person of two, and what became of it."""

    __tablename__ = "person_merges"
    __table_args__ = (
        one_of("status", MergeStatus),
        check("removed_id", "removed_id <> kept_id", "A person cannot be merged with themselves."),
        check(
            "merged_at",
            "(status = 'merged') = (merged_at IS NOT NULL)",
            "A request that was merged says when, and no other does.",
        ),
        {"comment": "Requests to merge two rows that are one person.", "info": STAYS},
    )

    id: Mapped[Id]
    removed_id: Mapped[UUID] = mapped_column(
        index=True,
        comment="The person that goes; no reference, because the row is gone after it.",
    )
    kept_id: Mapped[UUID] = reference("people.id", "The person that stays.", ondelete="CASCADE")
    status: Mapped[str] = words("asked, merged or refused.", default=MergeStatus.ASKED)
    asked_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who asked for it.", ondelete="SET NULL"
    )
    merged_by_id: Mapped[UUID | None] = reference("users.id", "Who did it.", ondelete="SET NULL")
    merged_at: Mapped[datetime | None] = mapped_column(comment="When it was done (UTC).")
    created_at: Mapped[CreatedAt]
