# SPDX-License-Identifier: Apache-2.0
"""The page of one POS transaction, read like its receipt."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from poser.trainwreck.model import (
    LineKind,
    PosDiscount,
    PosLine,
    PosTender,
    PosTransaction,
    TenderKind,
    TransactionKind,
)
from web.formats import money, quantity
from web.language import _, mark
from web.resources.scope import of_numbers
from web.rights import SEE_PRODUCTS
from web.showing import show
from web.urls import with_query
from web.visits import Visitor, visit

PLACE = "/pos-transactions"
KINDS = {
    TransactionKind.SALE: mark("Sale"),
    TransactionKind.CONTROL: mark("Till"),
    TransactionKind.TENDER_CONTROL: mark("Cash drawer"),
    TransactionKind.INVENTORY_CONTROL: mark("Stock"),
    TransactionKind.OTHER: mark("Other"),
}
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


class PosTransactionPage:
    """Falcon resource: one POS transaction."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show the receipt, or say that there is none with this id."""
        here = visit(req)
        here.place = PLACE
        found = _find(here.read("trainwreck"), key, here.visitor)
        if found is None:
            raise falcon.HTTPNotFound
        linked = here.visitor.may(SEE_PRODUCTS)
        show(
            req,
            resp,
            "pos_transaction.pt",
            title=_("Receipt {number}").format(number=found.receipt_number),
            found=found,
            kind=_(KINDS.get(TransactionKind(found.kind), found.kind)),
            started=here.moment(found.started_at),
            ended=here.moment(found.ended_at),
            day_path=_day_path(found),
            tags=_tags(found),
            lines=_item_lines(found, linked=linked),
            offers=[_discount(each) for each in _of_whole(found)],
            sums=_sums(found),
            total=money(found.total),
            tenders=[_tender(each) for each in found.tenders],
        )


def _find(session: Session, key: UUID, visitor: Visitor) -> PosTransaction | None:
    """Read a POS transaction with all its parts: one statement for each kind of part."""
    return session.scalars(
        select(PosTransaction)
        .where(
            PosTransaction.id == key,
            *of_numbers(PosTransaction.__table__.c.store_number, visitor),
        )
        .options(
            selectinload(PosTransaction.lines),
            selectinload(PosTransaction.discounts),
            selectinload(PosTransaction.taxes),
            selectinload(PosTransaction.tenders),
        )
    ).one_or_none()


def _day_path(found: PosTransaction) -> str:
    """Give the address of all POS transactions of the same store and business date."""
    day = found.business_date.isoformat()
    return with_query(PLACE, [("date.from", day), ("date.to", day), ("store", found.store_number)])


def _tags(found: PosTransaction) -> list[tuple[str, str]]:
    """Say what is out of the ordinary about it."""
    said = (
        (found.is_void, _("void"), "bad"),
        (found.is_suspended, _("suspended"), "warm"),
        (found.is_training, _("training, not a real sale"), "warm"),
        (bool(found.resumes), _("resumed"), ""),
    )
    return [(text, css) for holds, text, css in said if holds]


def _item_lines(found: PosTransaction, *, linked: bool) -> list[ReceiptLine]:
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


def _of_whole(found: PosTransaction) -> Sequence[PosDiscount]:
    sequences = {line.sequence for line in found.lines}
    return [each for each in found.discounts if each.line_sequence not in sequences]


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


def _sums(found: PosTransaction) -> list[ReceiptLine]:
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


def _tender(each: PosTender) -> ReceiptLine:
    words = each.card or each.description or each.tender_type.replace("_", " ")
    back = _MONEY_BACK.get(TenderKind(each.kind))
    return ReceiptLine(
        text=_(back) if back else words,
        small=words if back and each.tender_type != "cash" else "",
        amount=money(each.amount),
        css="void" if each.is_void else None,
    )
