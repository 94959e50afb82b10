# SPDX-License-Identifier: Apache-2.0
"""The parts of one POS transaction while they are read, in the order of the receipt."""

from dataclasses import dataclass, field
from decimal import Decimal

from poser.importing.poslog.records import (
    ZERO,
    Discount,
    Item,
    ItemProblem,
    Line,
    Tax,
    Tender,
)


@dataclass(slots=True)
class Receipt:
    """What was read so far. Lines, discounts, taxes and tenders are counted as one row."""

    lines: list[Line] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    taxes: list[Tax] = field(default_factory=list)
    tenders: list[Tender] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    item_problems: list[ItemProblem] = field(default_factory=list)
    customer: str = ""
    line_of_operator_sequence: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def next(self) -> int:
        """Take the next place on the receipt."""
        self._count += 1
        return self._count

    def department_of(self, sequence: int | None) -> str:
        """Tell the department of a line; "" for no line."""
        of_line = (x.department_number for x in self.lines if x.sequence == sequence)
        return next(of_line, "")

    def goods(self) -> Decimal:
        """Add up the lines; one that was voided in place counts nothing.

        A till that takes a line back writes a second, negative one; another till marks
        the line itself, whose amount stays positive.
        """
        counted = (x.extended for x in self.lines if not (x.is_void and x.extended > 0))
        return sum(counted, ZERO)

    def discounted(self) -> Decimal:
        """Add up the discounts beside the lines; negative when the customer saved."""
        return sum((x.amount for x in self.discounts), ZERO)

    def taxed(self) -> Decimal:
        """Add up the taxes on the whole; those on lines only where the whole has none."""
        whole = [x for x in self.taxes if x.line_sequence is None]
        return sum((x.amount for x in whole or self.taxes if not x.is_void), ZERO)

    def tendered(self) -> Decimal:
        """Add up the tenders, less change and cash back."""
        return sum((x.amount for x in self.tenders), ZERO)
