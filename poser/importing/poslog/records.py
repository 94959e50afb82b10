# SPDX-License-Identifier: Apache-2.0
"""What is read out of a POSLog, in the shape of the tables that keep it.

The fields of a record are columns of its table (poser.trainwreck.model), by name.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from poser.trainwreck.model import TransactionKind

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of `pos_lines`."""

    sequence: int
    kind: str
    code: str
    gtin: int | None
    description: str
    department_number: str
    department_name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    regular_price: Decimal | None
    extended: Decimal
    discount: Decimal
    entry: str
    is_void: bool
    is_weighed: bool
    is_food_stampable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A row of `pos_discounts`."""

    sequence: int
    line_sequence: int | None
    promotion: str
    kind: str
    level: str
    department_number: str
    description: str
    amount: Decimal
    is_void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A row of `pos_taxes`."""

    sequence: int
    line_sequence: int | None
    code: str
    description: str
    taxable: Decimal | None
    percent: Decimal | None
    amount: Decimal
    is_void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """A row of `pos_tenders`."""

    sequence: int
    kind: str
    code: str
    tender_type: str
    description: str
    card: str
    amount: Decimal
    is_void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A row of `pos_transactions`."""

    business_date: date
    system: str
    system_id: str
    kind: str
    control: str
    reason: str
    store_number: str
    terminal: str
    receipt_number: str
    started_at: datetime
    ended_at: datetime
    cashier_number: str
    cashier_name: str
    customer_number: str
    currency: str
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal
    tender_total: Decimal
    line_count: int
    is_void: bool
    is_suspended: bool
    is_training: bool
    resumes: str

    @property
    def counts_for(self) -> str:
        """The store whose sales it is part of, as the database works it out; "" for none."""
        is_none = self.is_void or self.is_suspended or self.is_training
        return "" if is_none or self.kind != TransactionKind.SALE else self.store_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one sale tells about a product: enough to make it, and its price that day.

    Exactly one of `gtin` and `code` is set. `price` is the regular price in the store at
    the time `at`, if the till said.
    """

    gtin: int | None
    plu: int | None
    code: str
    other_code: str
    description: str
    department_number: str
    department_name: str
    is_weighed: bool
    is_food_stampable: bool
    price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProblem:
    """An item whose code cannot be a product's; its sale is kept all the same."""

    code: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One POS transaction with everything in it, and the items it sold."""

    header: Header
    lines: tuple[Line, ...] = ()
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[Tax, ...] = ()
    tenders: tuple[Tender, ...] = ()
    items: tuple[Item, ...] = ()
    item_problems: tuple[ItemProblem, ...] = field(default=())
