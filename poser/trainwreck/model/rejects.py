# SPDX-License-Identifier: Apache-2.0
"""Entries of POS logs that were refused, kept until they are imported after all."""

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id
from poser.trainwreck.model.columns import TrainwreckModel, words


class PosReject(TrainwreckModel):
    """Something in a POS log that was refused, kept until it is imported after all."""

    __tablename__ = "pos_rejects"
    __table_args__ = (
        UniqueConstraint("system", "entry", "field", "value", "raw_sha256"),
        Index("ix_pos_rejects_created_at_id", "created_at", "id"),
        {"comment": "Entries of POS logs that were refused, with the reason."},
    )

    id: Mapped[Id]
    system: Mapped[str] = mapped_column(comment="Which POS system reported it.")
    source: Mapped[str] = mapped_column(comment="Name of the file that it was first seen in.")
    line: Mapped[int] = mapped_column(BigInteger, comment="Line of the file, counted from 1.")
    position: Mapped[int] = mapped_column(BigInteger, comment="Place in that line, counted from 1.")
    entry: Mapped[str] = words("system_id of the POS transaction, as far as it could be read.")
    field: Mapped[str] = words("What of it was refused, such as LineItem/Sale/Quantity.")
    value: Mapped[str] = words("What stood there, cut at 200 characters.")
    reason: Mapped[str] = mapped_column(comment="Why it was refused.")
    raw: Mapped[str] = mapped_column(comment="The whole entry as XML.")
    raw_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of `raw`, so that the same file twice adds nothing."
    )
    created_at: Mapped[CreatedAt]
