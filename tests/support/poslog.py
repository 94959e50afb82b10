# SPDX-License-Identifier: Apache-2.0
"""POS logs for tests: the real example, and small ones built from words."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar
from xml.sax.saxutils import escape

from poser.errors import PoserError

T = TypeVar("T")
EXAMPLE = Path(__file__).parents[2] / "examples" / "grocery-evening" / "POSLog.xml"
ROOT = (
    '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/"'
    ' xmlns:acs="http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1">'
)
MILK = "036000291452"


def line(
    code: str = MILK,
    *,
    kind: str = "GTIN",
    description: str = "Milk",
    price: str = "2.50",
    quantity: str = "1",
    amount: str | None = None,
    department: str = "12",
    more: str = "",
    attributes: str = "",
) -> str:
    """Write one LineItem with a Sale in it; the amount is the price unless given."""
    extended = price if amount is None else amount
    return (
        f"<LineItem {attributes}><Sale>"
        f'<POSIdentity POSIDType="{kind}"><POSItemID>{code}</POSItemID></POSIdentity>'
        f'<MerchandiseHierarchy Level="Department">{department}</MerchandiseHierarchy>'
        f"<Description>{escape(description)}</Description>"
        f"<RegularSalesUnitPrice>{price}</RegularSalesUnitPrice>"
        f"<ExtendedAmount>{extended}</ExtendedAmount><Quantity>{quantity}</Quantity>"
        f"{more}</Sale></LineItem>"
    )


def sale(
    number: int | str = 1,
    *lines: str,
    store: str = "9",
    terminal: str = "1",
    date: str = "2026-11-20",
    time: str = "18:30:00Z",
    head: str = "",
    body: str = "",
    attributes: str = "",
) -> str:
    """Write one Transaction that sells what `lines` say, milk if nothing."""
    return (
        f"<Transaction {attributes}><RetailStoreID>{store}</RetailStoreID>"
        f"<WorkstationID>{terminal}</WorkstationID><SequenceNumber>{number}</SequenceNumber>"
        f"<BusinessDayDate>{date}</BusinessDayDate><EndDateTime>{date}T{time}</EndDateTime>{head}"
        f"<RetailTransaction>{''.join(lines or [line()])}{body}</RetailTransaction></Transaction>"
    )


def log(*transactions: str) -> str:
    """Write a whole POSLog, each transaction on a line of its own."""
    return "\n".join([ROOT, *transactions, "</POSLog>"])


def drain(things: Iterable[T]) -> tuple[list[T], PoserError | None]:
    """Take what comes until the end or an error, and return both."""
    got = []
    try:
        for thing in things:
            got.append(thing)  # noqa: PERF402 - what came before the error is the point
    except PoserError as error:
        return got, error
    return got, None
