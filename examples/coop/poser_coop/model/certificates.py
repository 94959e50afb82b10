# SPDX-License-Identifier: Apache-2.0
"""Which products are certified organic, by whom, and from when to when."""

from datetime import date
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model import Product
from poser.model.columns import check, filled, flag, no_overlap, reference, unique, words
from poser.model.syncing import shared


class CoopProduct(Model):
    """What the co-op keeps of a product beside Poser's own columns: one row for a product."""

    __tablename__ = "coop_products"
    __table_args__ = (
        unique("product_id"),
        {
            "comment": "What the co-op keeps of a product beside its own columns; one row each.",
            "info": shared(),
        },
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product.", ondelete="CASCADE", index=False
    )
    is_local: Mapped[bool] = flag("Grown or made in the region that the members have agreed on.")
    producer: Mapped[str] = words("Farm or maker, as the shelf names it; may be empty.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    product: Mapped[Product] = relationship()


class CoopCertificate(Model):
    """One certificate of one product; two of them cannot be valid on the same day."""

    __tablename__ = "coop_certificates"
    __table_args__ = (
        filled("number"),
        filled("certifier"),
        check(
            "valid",
            "NOT isempty(valid) AND NOT lower_inf(valid) AND NOT upper_inf(valid)",
            "A certificate is valid from one day to a later one.",
        ),
        check(
            "document",
            "(document IS NULL) = (document_name = '')",
            "A document comes with the name of its file.",
        ),
        no_overlap(
            "ex_coop_certificates_no_overlap",
            "product_id",
            sentence="Another certificate of the product is valid in {valid} already.",
        ),
        {"comment": "Organic certificates of products.", "info": shared()},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference(
        "products.id", "The product that is certified.", ondelete="CASCADE"
    )
    number: Mapped[str] = mapped_column(comment="Number of the certificate, as it is printed.")
    certifier: Mapped[str] = mapped_column(
        comment="Who certifies, with the code that must stand on labels, such as US-ORG-021."
    )
    valid: Mapped[Range[date]] = mapped_column(
        DATERANGE, comment="Days on which it holds: with the first, without the last."
    )
    document_name: Mapped[str] = words("Name of the document's file; empty without one.")
    document: Mapped[bytes | None] = mapped_column(
        LargeBinary,
        deferred=True,
        info={"history": False},
        comment="The certificate as a file, such as a PDF; its versions are not kept.",
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]

    product: Mapped[Product] = relationship()
