# SPDX-License-Identifier: Apache-2.0
"""POS transactions as their receipts have them, for staff and for customers."""

from decimal import Decimal
from typing import NamedTuple

from poser.trainwreck.model import (
    LineKind,
    PosDiscount,
    PosLine,
    PosTender,
    PosTransaction,
    TenderKind,
)
from web.formats import money, quantity
from web.language import _, mark
from web.urls import with_query

_TAKEN_BACK = {LineKind.RETURN: mark("return"), LineKind.REFUND: mark("refund")}
_MONEY_BACK = {TenderKind.CHANGE: mark("Change"), TenderKind.CASHBACK: mark("Cash back")}


class ReceiptLine(NamedTuple):
    """One printed line: what, a small text below it, the amount, and how it looks."""

    text: str
    small: str
    amount: str
    css: str | None = None
    href: str | None = None
    tag: str = ""


def item_lines(found: PosTransaction, *, linked: bool) -> list[ReceiptLine]:
    """Print each item, and below it the discounts that are for it."""
    printed = []
    for line in found.lines:
        printed.append(_item(line, linked=linked))
        printed += [
            _discount(each) for each in found.discounts if each.line_sequence == line.sequence
        ]
    return printed


def _item(line: PosLine, *, linked: bool) -> ReceiptLine:
    # A till may weigh without saying whether in pounds or kilograms.
    unit = "" if line.unit in {"", "each", "weight"} else f" {line.unit}"
    small = ""
    if line.quantity != 1 or line.is_weighed:
        small = f"{quantity(line.quantity)}{unit} × {money(line.unit_price)}"  # noqa: RUF001 - as receipts have it
    if line.discount:
        off = _("{amount} off").format(amount=money(abs(line.discount)))
        small = f"{small}, {off}".removeprefix(", ")
    return ReceiptLine(
        text=line.description or line.code or line.department_name or _("(no text)"),
        small=small,
        amount=money(line.extended),
        css="void" if line.is_void else None,
        href=with_query("/find", [("q", line.code)]) if linked and line.code else None,
        tag=_("void") if line.is_void else _(_TAKEN_BACK.get(LineKind(line.kind), "")),
    )


def offers(found: PosTransaction) -> list[ReceiptLine]:
    """Print the discounts that are for no item alone."""
    sequences = {line.sequence for line in found.lines}
    return [_discount(each) for each in found.discounts if each.line_sequence not in sequences]


def _discount(each: PosDiscount) -> ReceiptLine:
    words = each.description or each.kind
    said = _("(promotion {number})").format(number=each.promotion)
    promotion = f" {said}" if each.promotion else ""
    return ReceiptLine(
        text=words + promotion,
        small="",
        amount=money(each.amount),
        css="sub void" if each.is_void else "sub",
        tag=_("void") if each.is_void else "",
    )


def sums(found: PosTransaction) -> list[ReceiptLine]:
    """Print the subtotal and each kind of tax, when there is more to say than the total."""
    amounts: dict[tuple[str, Decimal | None], Decimal] = {}
    for tax in found.taxes:
        if not tax.is_void:
            words = tax.description or _("Tax {name}").format(name=tax.code).strip()
            kind = (words, tax.percent)
            amounts[kind] = amounts.get(kind, Decimal(0)) + tax.amount
    if not amounts and found.subtotal == found.total:
        return []
    taxes = [
        ReceiptLine(
            text=words,
            small="" if percent is None else f"{quantity(percent)} %",
            amount=money(amount),
        )
        for (words, percent), amount in amounts.items()
    ]
    return [ReceiptLine(text=_("Subtotal"), small="", amount=money(found.subtotal)), *taxes]


def tender(each: PosTender) -> ReceiptLine:
    """Print what was paid with."""
    words = each.card or each.description or each.tender_type.replace("_", " ")
    back = _MONEY_BACK.get(TenderKind(each.kind))
    return ReceiptLine(
        text=_(back) if back else words,
        small=words if back and each.tender_type != "cash" else "",
        amount=money(each.amount),
        css="void" if each.is_void else None,
    )
