# SPDX-License-Identifier: Apache-2.0
"""POS transactions that the host is still to be told of: noted by a trigger, taken by datasync."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from poser.trainwreck.model.columns import TrainwreckModel


class PosOutboxEntry(TrainwreckModel):
    """That a POS transaction was written or changed here: stores tell the host, it tells clouds."""

    __tablename__ = "pos_outbox"
    __table_args__ = ({"comment": "POS transactions that the host is still to be told of."},)

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), primary_key=True, comment="Ascends as they were written."
    )
    transaction_id: Mapped[UUID] = mapped_column(comment="The POS transaction.")
    business_date: Mapped[date] = mapped_column(comment="Its business date.")
    told: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        default=list,
        comment="Nodes that were told already.",
    )
