# SPDX-License-Identifier: Apache-2.0
"""A believable chain's POS transactions as lines for COPY: always the same, made as needed."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

FIRST_DAY = date(2026, 1, 1)
DAYS = 120
STORES = ("1", "2", "5", "12", "17")
DEPARTMENTS = 24
GOODS = 20_000
TENDERS = ("cash", "credit_debit", "check", "gift_card")
LINES_EACH = 10

COLUMNS = {
    "pos_transactions": "id, business_date, system, system_id, kind, store_number, terminal,"
    " receipt_number, started_at, ended_at, cashier_number, cashier_name, customer_number,"
    " currency, subtotal, discount_total, tax_total, total, tender_total, line_count, is_void,"
    " fingerprint",
    "pos_lines": "transaction_id, business_date, counts_for, sequence, kind, code, gtin,"
    " description, department_number, department_name, quantity, unit, unit_price, regular_price,"
    " extended, discount, entry, is_weighed, is_food_stampable",
    "pos_discounts": "transaction_id, business_date, counts_for, sequence, line_sequence,"
    " promotion, kind, level, department_number, description, amount",
    "pos_taxes": "transaction_id, business_date, counts_for, sequence, code, description, taxable,"
    " percent, amount",
    "pos_tenders": "transaction_id, business_date, counts_for, sequence, kind, code, tender_type,"
    " description, card, amount",
}
"""Which columns each table gets, in the order in which tables must be written."""


@dataclass(slots=True, kw_only=True)
class Chunk:
    """Some POS transactions with all their parts, as text for COPY by table."""

    transactions: int
    texts: dict[str, str]
    lines: int

    @property
    def mib(self) -> float:
        """Its size in MiB."""
        return sum(map(len, self.texts.values())) / 2**20


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Collects rows of all tables."""

    rows: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    def add(self, table: str, *values: object) -> None:
        self.rows[table].append("\t".join(map(str, values)))

    def chunk(self, transactions: int) -> Chunk:
        texts = {table: "\n".join((*rows, "")) for table, rows in self.rows.items()}
        return Chunk(transactions=transactions, texts=texts, lines=len(self.rows["pos_lines"]))


@dataclass(frozen=True, slots=True)
class _Good:
    """One product of the assortment; money in cents."""

    gtin: int
    description: str
    department: int
    cents: int
    is_weighed: bool


def assortment(seed: int) -> list[_Good]:
    """Make the products that are sold."""
    dice = random.Random(seed)  # noqa: S311 - the same figures every time
    first, second = ("Oat", "Rye", "Fuji", "Roma", "Alpine", "Green"), ("milk", "bread", "tea")
    return [
        _Good(
            gtin=30_000_000_000 + number * 10,
            description=f"{dice.choice(first)} {dice.choice(second)} no. {number}".upper(),
            department=min(int(dice.expovariate(0.12)) + 1, DEPARTMENTS),
            cents=int(dice.lognormvariate(6, 0.7)),
            is_weighed=dice.random() < 0.12,
        )
        for number in range(GOODS)
    ]


def chunks(transactions: int, *, size: int, seed: int = 22) -> Iterator[Chunk]:
    """Make `transactions` POS transactions, `size` at a time, in the order of their days."""
    goods = assortment(seed)
    dice = random.Random(seed + 1)  # noqa: S311
    writer, held = _Writer(), 0
    for number in range(transactions):
        _sell(writer, dice, goods, number, FIRST_DAY + timedelta(number * DAYS // transactions))
        held += 1
        if held == size or number == transactions - 1:
            yield writer.chunk(held)
            writer, held = _Writer(), 0


def _sell(writer: _Writer, dice: random.Random, goods: list[_Good], number: int, day: date) -> None:
    store = dice.choice(STORES)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=int(dice.triangular(8 * 3600, 22 * 3600, 17 * 3600))
    )
    key = _uuid7(at, number)
    is_void = dice.random() < 0.01
    part = (key, day, "" if is_void else store)
    count = dice.randint(1, 2 * LINES_EACH - 1)
    gross = discount = sequence = 0
    for sequence in range(1, count + 1):
        good = dice.choice(goods)
        extended = _line(writer, dice, part, sequence, good)
        gross += extended
        if dice.random() < 0.03:
            off = -min(extended, 50)
            discount += off
            words = (f"{5000 + dice.randint(0, 99)}", "PercentOff", "item", good.department)
            writer.add(
                "pos_discounts", *part, count + sequence, sequence, *words, "Member offer",
                _money(off),
            )  # fmt: skip
    subtotal = gross + discount
    tax = subtotal * 8 // 100
    paid = dice.choices(TENDERS, (25, 65, 2, 8))[0]
    writer.add(
        "pos_taxes", *part, 2 * count + 1, "1", "Sales tax", _money(subtotal), "8.0000", _money(tax)
    )
    writer.add(
        "pos_tenders", *part, 2 * count + 2, "tender", "1", paid, paid.title(), "",
        _money(subtotal + tax),
    )  # fmt: skip
    terminal, cashier = dice.randint(1, 8), dice.randint(1, 40)
    writer.add(
        "pos_transactions", key, day, "bench", f"{store}/{terminal}/{day}/{number}", "sale", store,
        terminal, number % 10_000, at - timedelta(seconds=40 * count), at, cashier,
        f"Cashier {cashier}", dice.choice(("", "", f"{dice.randint(1, 50_000)}")), "USD",
        _money(subtotal), _money(discount), _money(tax), _money(subtotal + tax),
        _money(subtotal + tax), count, "t" if is_void else "f",
        f"\\\\x{hashlib.sha256(key.encode()).hexdigest()}",
    )  # fmt: skip


def _line(
    writer: _Writer, dice: random.Random, part: tuple[object, ...], sequence: int, good: _Good
) -> int:
    """Write one line; returns its amount in cents."""
    if good.is_weighed:
        milli = dice.randint(100, 3000)
        quantity, unit, amount = f"{milli / 1000:.3f}", "lb", good.cents * milli // 1000
    else:
        pieces = dice.choices((1, 2, 3), (85, 11, 4))[0]
        quantity, unit, amount = f"{pieces}", "each", good.cents * pieces
    saved = amount // 10 if dice.random() < 0.1 else 0
    price = _money(good.cents)
    writer.add(
        "pos_lines", *part, sequence, "sale", f"{good.gtin:014}", good.gtin, good.description,
        good.department, f"Department {good.department}", quantity, unit, price, price,
        _money(amount - saved), _money(saved), "scanned", "t" if good.is_weighed else "f", "t",
    )  # fmt: skip
    return amount - saved


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _uuid7(at: datetime, number: int) -> str:
    value = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62 | number
    return str(UUID(int=value))
