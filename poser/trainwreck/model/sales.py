# SPDX-License-Identifier: Apache-2.0
"""Roll-ups of sales: by hour and store, by department, by kind of tender.

A roll-up is the sum of increments. Every statement that changes POS transactions or their
parts adds, by a trigger and in its own transaction, one row for each key that it touched:
what is new less what was there before. Nobody waits for anybody's row. Rows of one key are
folded into one now and then (`fold_sales`), so a reader always adds up: the views
`sales_by_hour`, `sales_by_day`, `sales_by_department` and `sales_by_tender` do.
See docs/decisions/0014-sales-by-increments.md.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Identity, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from poser.trainwreck.model.columns import TrainwreckModel

_Sum = Numeric(18, 3)
_Amount = Numeric(18, 4)


def _count(comment: str) -> Mapped[int]:
    return mapped_column(BigInteger, comment=comment)


def _sum(comment: str) -> Mapped[Decimal]:
    return mapped_column(_Sum, comment=comment)


class _Increment:
    """What the roll-ups share: rows of one business date and store, of which sums are taken."""

    id: Mapped[int] = mapped_column(
        BigInteger,
        Identity(always=True),
        primary_key=True,
        sort_order=-30,
        comment="Number of the increment; rows of one key are added up.",
    )
    business_date: Mapped[date] = mapped_column(
        sort_order=-20, comment="The store's business day that the sales count for."
    )
    store_number: Mapped[str] = mapped_column(
        sort_order=-10, comment="The store's number on the till."
    )


class SalesHour(_Increment, TrainwreckModel):
    """Sales of one store in one hour."""

    __tablename__ = "sales_hours"
    __table_args__ = (
        Index("ix_sales_hours_business_date", "business_date"),
        {"comment": "Increments of sales by store and hour, from POS transactions that count."},
    )

    hour: Mapped[datetime] = mapped_column(
        comment="Begin of the hour in which the POS transaction ended (UTC)."
    )
    transaction_count: Mapped[int] = _count("How many POS transactions.")
    line_count: Mapped[int] = _count("How many item lines they have.")
    gross: Mapped[Decimal] = _sum("Goods before the discounts beside the lines, without tax.")
    discount: Mapped[Decimal] = _sum("Discounts beside the lines; negative when customers saved.")
    net: Mapped[Decimal] = _sum("Goods after discounts, without tax.")
    tax: Mapped[Decimal] = _sum("Taxes.")
    total: Mapped[Decimal] = _sum("What customers owed.")


class SalesDepartment(_Increment, TrainwreckModel):
    """Sales of one department of one store on one day."""

    __tablename__ = "sales_departments"
    __table_args__ = (
        Index("ix_sales_departments_business_date", "business_date"),
        {"comment": "Increments of sales by store and department, from lines and discounts."},
    )

    department_number: Mapped[str] = mapped_column(
        comment="Department on the till; empty for lines without, and for whole receipts."
    )
    line_count: Mapped[int] = _count("How many item lines; voided ones are none.")
    quantity: Mapped[Decimal] = mapped_column(
        _Amount, comment="Units of goods that are not sold by weight."
    )
    weight: Mapped[Decimal] = mapped_column(
        _Amount, comment="Goods sold by weight, in the unit of the store: lb or kg."
    )
    gross: Mapped[Decimal] = _sum("Goods before all discounts, without tax.")
    discount: Mapped[Decimal] = _sum("All discounts; negative when customers saved.")
    net: Mapped[Decimal] = _sum("Goods after discounts, without tax.")


class SalesTender(_Increment, TrainwreckModel):
    """Payments of one kind in one store on one day."""

    __tablename__ = "sales_tenders"
    __table_args__ = (
        Index("ix_sales_tenders_business_date", "business_date"),
        {"comment": "Increments of payments by store and kind of tender."},
    )

    tender_type: Mapped[str] = mapped_column(comment="cash, credit_debit, check and so on.")
    tender_count: Mapped[int] = _count("How many payments; change and cash back are none.")
    amount: Mapped[Decimal] = _sum("Money in, less change and cash back.")
