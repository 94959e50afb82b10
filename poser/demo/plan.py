# SPDX-License-Identifier: Apache-2.0
"""How big a demo shop is, and the numbers that everything in it follows from.

Every row is worked out from the seed, its kind and its number alone: nothing is remembered,
so a million of them take no more memory than one, and the same plan makes the same shop.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cached_property
from hashlib import blake2b
from uuid import UUID

from poser.errors import PoserError

MOST_PRODUCTS, MOST_STORES, MOST_SEED = 1_000_000, 99, 2**32
_MONTH_DAYS = 30.4375
_LOW_BITS, _FRACTION_BITS = 62, 12


class Kind(IntEnum):
    """What a number counts; part of ids and dice, so never changed once given."""

    STORE = 1
    DEPARTMENT = 2
    CATEGORY = 3
    BRAND = 4
    TAX = 5
    TAX_RATE = 6
    DEPOSIT = 7
    TENDER = 8
    VENDOR = 9
    PRODUCT = 10
    PRICE = 11
    PRODUCT_TAX = 12
    VENDOR_ITEM = 13
    VENDOR_COST = 14
    PERSON = 15
    CUSTOMER = 16
    CUSTOMER_PERSON = 17
    MEMBERSHIP_TYPE = 18
    MEMBER = 19
    EQUITY = 20
    PHONE = 21
    EMAIL = 22
    ADDRESS = 23
    EMPLOYEE = 24
    EMPLOYEE_STORE = 25
    MOVEMENT = 26
    POS_TRANSACTION = 27
    SHOPPER = 28


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A demo shop: how many of everything, and until which day it has sold.

    `transactions_per_day` are those of one store on an average day. `mark` stands before
    all numbers and codes, so that they can stand beside those of another shop. Raises
    PoserError for numbers that make no shop.
    """

    products: int
    customers: int
    months: int
    transactions_per_day: int
    stores: int
    seed: int
    until: date
    mark: str = ""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("products", 1, MOST_PRODUCTS),
            ("customers", 0, MOST_PRODUCTS),
            ("months", 0, 120),
            ("transactions_per_day", 0, 20_000),
            ("stores", 1, MOST_STORES),
            ("seed", 0, MOST_SEED),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise PoserError(
                    f"{name.replace('_', ' ')}: {value} is not between {low} and {high}",
                    hint="poser demo load --help",
                )

    @cached_property
    def first_day(self) -> date:
        """The first day of sales."""
        return self.until - timedelta(days=round(self.months * _MONTH_DAYS) - 1)

    @cached_property
    def opened_on(self) -> date:
        """The day from which prices hold: some time before the first sale."""
        return self.first_day - timedelta(days=30)

    @property
    def days(self) -> list[date]:
        """All days of sales, oldest first."""
        count = (self.until - self.first_day).days + 1 if self.months else 0
        return [self.first_day + timedelta(days=number) for number in range(count)]

    @cached_property
    def brands(self) -> int:
        """How many brands there are: one for some 25 products."""
        return max(10, min(2_200, self.products // 25))

    @cached_property
    def vendors(self) -> int:
        """How many vendors there are."""
        return max(4, min(60, self.products // 400))

    @cached_property
    def _began_ms(self) -> int:
        began = datetime.combine(self.opened_on, time(), UTC)
        return int(began.timestamp()) * 1000

    def id(self, kind: Kind, number: int) -> UUID:
        """Give the id of a row: a UUID version 7 that ascends with the number."""
        return self._id(kind, number, self._began_ms + number)

    def id_at(self, kind: Kind, number: int, at: datetime) -> UUID:
        """Give the id of a row that was made at that time."""
        return self._id(kind, number, int(at.timestamp()) * 1000)

    def _id(self, kind: Kind, number: int, ms: int) -> UUID:
        word = f"{self.seed}/{kind}/{number}".encode()
        bits = int.from_bytes(blake2b(word, digest_size=10).digest(), "big")
        value = (ms & (1 << 48) - 1) << 80
        value |= 0x7 << 76 | (bits >> _LOW_BITS & (1 << _FRACTION_BITS) - 1) << 64
        value |= 0b10 << _LOW_BITS | bits & (1 << _LOW_BITS) - 1
        return UUID(int=value)

    def dice(self, kind: Kind, number: int) -> random.Random:
        """Give dice that fall the same for the same row."""
        return random.Random(self.seed << 80 | kind << 64 | number)  # noqa: S311 - no secret
