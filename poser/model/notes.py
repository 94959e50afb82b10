# SPDX-License-Identifier: Apache-2.0
"""Notes that people write about people, accounts and goods."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped

import poser.model.customers
import poser.model.employees
import poser.model.members
import poser.model.people
import poser.model.products
import poser.model.users
import poser.model.vendors  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, flag, one_of, reference, words
from poser.model.syncing import Flow, Sync

_ABOUT = "person_id, customer_id, member_id, employee_id, vendor_id, product_id"


class NoteKind(StrEnum):
    """Who a note is for."""

    GENERAL = "general"
    PERSONAL = "personal"
    SERVICE = "service"
    BUYING = "buying"


OF_NOTES = {
    "sync": Sync(
        flow=Flow.BOTH,
        # Those about staff go where the staff is known.
        recipients="CASE WHEN r.employee_id IS NOT NULL THEN"
        " (SELECT coalesce(array_agg(e.store_id::text), '{}') FROM employee_stores AS e"
        " WHERE e.employee_id = r.employee_id) END",
        follows={"employee_id": "employees"},
    )
}
"""How notes are kept in step."""


class Note(Model):
    """What somebody wrote about exactly one of the things that notes can be about."""

    __tablename__ = "notes"
    __table_args__ = (
        check(
            "about",
            f"num_nonnulls({_ABOUT}) = 1",
            "A note is about exactly one: a person, a customer, a member, an employee,"
            " a vendor or a product.",
        ),
        one_of("kind", NoteKind),
        check("text", "text <> '' OR subject <> ''", "A note says something."),
        {"comment": "Notes about people, accounts and goods.", "info": OF_NOTES},
    )

    id: Mapped[Id]
    person_id: Mapped[UUID | None] = reference(
        "people.id", "The person it is about.", ondelete="CASCADE"
    )
    customer_id: Mapped[UUID | None] = reference(
        "customers.id", "Or the customer account.", ondelete="CASCADE"
    )
    member_id: Mapped[UUID | None] = reference(
        "members.id", "Or the membership.", ondelete="CASCADE"
    )
    employee_id: Mapped[UUID | None] = reference(
        "employees.id", "Or the employee.", ondelete="CASCADE"
    )
    vendor_id: Mapped[UUID | None] = reference("vendors.id", "Or the vendor.", ondelete="CASCADE")
    product_id: Mapped[UUID | None] = reference(
        "products.id", "Or the product.", ondelete="CASCADE"
    )
    kind: Mapped[str] = words("general, personal, service or buying.", default=NoteKind.GENERAL)
    subject: Mapped[str] = words("In a few words.")
    text: Mapped[str] = words("The whole note.")
    is_pinned: Mapped[bool] = flag("Shown before all others.")
    created_by_id: Mapped[UUID | None] = reference("users.id", "Who wrote it.", ondelete="SET NULL")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
