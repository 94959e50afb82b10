# SPDX-License-Identifier: Apache-2.0
"""Units that goods are measured and sold in.

The usual ones are there from the first migration on, with the same ids on every node.
*Source:* UN/ECE Recommendation 20 for the common codes.
"""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, filled, one_of, unique, words
from poser.model.syncing import shared


class UnitKind(StrEnum):
    """What a unit measures; only units of one kind can be converted."""

    COUNT = "count"
    WEIGHT = "weight"
    VOLUME = "volume"
    LENGTH = "length"
    AREA = "area"


class Unit(Model):
    """One unit, such as the pound."""

    __tablename__ = "units"
    __table_args__ = (
        unique("abbreviation"),
        filled("abbreviation"),
        filled("name"),
        one_of("kind", UnitKind),
        check("factor", "factor > 0", "The factor of a unit is more than zero; not {factor}."),
        {"comment": "Units of measure.", "info": shared()},
    )

    id: Mapped[Id]
    abbreviation: Mapped[str] = mapped_column(comment="As printed on labels, such as lb.")
    name: Mapped[str] = mapped_column(comment="The whole word, such as pound.")
    kind: Mapped[str] = mapped_column(comment="count, weight, volume, length or area.")
    factor: Mapped[Decimal] = mapped_column(
        Numeric(18, 9),
        comment="How many base units it is: each, gram, milliliter, meter, square meter.",
    )
    unece_code: Mapped[str] = words("Common code of UN/ECE Recommendation 20, such as LBR.")
    sil_code: Mapped[str] = words("Code of the Standard Interchange Language, such as 49.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
