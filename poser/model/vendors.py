# SPDX-License-Identifier: Apache-2.0
"""Vendors, whom to talk to there, and sample files that show how theirs look."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import LargeBinary, Numeric, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.people
import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import PERCENT, check, filled, flag, is_currency, reference, unique, words
from poser.model.syncing import STAYS, shared


class Vendor(Model):
    """Whom the retailer buys from."""

    __tablename__ = "vendors"
    __table_args__ = (
        unique("number"),
        filled("number"),
        filled("name"),
        check(
            "discount",
            "discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {discount_percent}.",
        ),
        check("lead_time", "lead_time_days >= 0", "A lead time cannot be negative."),
        check("order_interval", "order_interval_days > 0", "An order interval is above zero."),
        is_currency(),
        {"comment": "Whom the retailer buys from.", "info": shared()},
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(comment="Number on paper, such as UNFI or 1023.")
    name: Mapped[str] = mapped_column(index=True, comment="The vendor's name.")
    abbreviation: Mapped[str] = words("Short name for narrow columns.")
    account_number: Mapped[str] = words("The retailer's customer number at the vendor.")
    terms: Mapped[str] = words("Terms of payment, as agreed.")
    currency: Mapped[str] = words("ISO 4217 code; empty means the retailer's own currency.")
    discount_percent: Mapped[Decimal | None] = mapped_column(
        PERCENT, comment="Discount on everything, percent."
    )
    lead_time_days: Mapped[Decimal | None] = mapped_column(
        Numeric(5, 1), comment="Days between an order and its delivery."
    )
    order_interval_days: Mapped[int | None] = mapped_column(
        SmallInteger, comment="Days between two orders."
    )
    is_archived: Mapped[bool] = flag("No longer bought from; kept for what was.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class VendorContact(Model):
    """Somebody to talk to at a vendor."""

    __tablename__ = "vendor_contacts"
    __table_args__ = (
        unique("vendor_id", "person_id"),
        {"comment": "People to talk to at vendors.", "info": shared()},
    )

    id: Mapped[Id]
    vendor_id: Mapped[UUID] = reference(
        "vendors.id", "The vendor.", ondelete="CASCADE", index=False
    )
    person_id: Mapped[UUID] = reference("people.id", "Whom to talk to.", ondelete="CASCADE")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="Order to try; 1 is first."
    )
    title: Mapped[str] = words("What they do there, such as sales.")
    created_at: Mapped[CreatedAt]


class VendorSampleFile(Model):
    """A file as a vendor sends it, kept to set up and test its import."""

    __tablename__ = "vendor_sample_files"
    __table_args__ = (
        filled("kind"),
        filled("file_name"),
        check("content", "octet_length(content) <= 20971520", "A sample file has at most 20 MiB."),
        # The content would be written twice for every change.
        {"comment": "Sample files of vendors.", "info": {"history": False, **STAYS}},
    )

    id: Mapped[Id]
    vendor_id: Mapped[UUID] = reference("vendors.id", "Whose file it is.", ondelete="CASCADE")
    kind: Mapped[str] = mapped_column(comment="What it tells, such as catalog or invoice.")
    file_name: Mapped[str] = mapped_column(comment="Name of the file as it came.")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="The file, at most 20 MiB.")
    effective_on: Mapped[date | None] = mapped_column(comment="Day from which it holds.")
    notes: Mapped[str] = words("What somebody wrote about it.")
    created_by_id: Mapped[UUID | None] = reference("users.id", "Who added it.", ondelete="SET NULL")
    created_at: Mapped[CreatedAt]
