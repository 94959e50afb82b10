# SPDX-License-Identifier: Apache-2.0
"""Reading tenders: how it was paid, and what went back as change or cash."""

import re
from decimal import Decimal

from poser.importing.poslog.fields import MONEY, attribute, flag, number, required_number, text
from poser.importing.poslog.receipt import Receipt
from poser.importing.poslog.records import Tender
from poser.importing.poslog.xml import Element
from poser.trainwreck.model import TenderKind

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_tender(item: Element, tender: Element, receipt: Receipt) -> None:
    """Read one tender, with the change and cash back that came out of it.

    Some tills write change as a tender of its own with a negative amount (and TenderChange
    in it says the same amount); others write it inside the tender that it came out of.
    Neither is counted twice. Numbers of cards and authorizations are not read.
    """
    amount = required_number(tender, "Amount", places=MONEY)
    change = number(tender, "TenderChange/Amount", places=MONEY) or Decimal(0)
    cash_back = number(tender, "Cashback", places=MONEY) or Decimal(0)
    if amount > 0 and attribute(tender, "TypeCode") == "Refund":
        amount = -amount
    is_change = amount < 0 and abs(change) == -amount
    kind = TenderKind.CHANGE if is_change else TenderKind.TENDER
    _add(item, tender, receipt, kind, amount)
    if change and not is_change:
        _add(item, tender, receipt, TenderKind.CHANGE, -abs(change))
    if cash_back:
        _add(item, tender, receipt, TenderKind.CASHBACK, -abs(cash_back))


def settle_cash_back(receipt: Receipt) -> None:
    """Join each cash back with the change that paid it out, if the till wrote both."""
    for back in [x for x in receipt.tenders if x.kind == TenderKind.CASHBACK]:
        for paid in receipt.tenders:
            if paid.kind == TenderKind.CHANGE and paid.amount == back.amount:
                receipt.tenders.remove(paid)
                break


def _add(
    item: Element, tender: Element, receipt: Receipt, kind: TenderKind, amount: Decimal
) -> None:
    card = tender.find("CreditDebit")
    words = attribute(card, "acs:CreditDescription"), attribute(card, "CardType")
    receipt.tenders.append(
        Tender(
            sequence=receipt.next(),
            kind=kind.value,
            code=text(tender, "TenderID"),
            tender_type=_WORDS.sub("_", attribute(tender, "TenderType")).lower(),
            description=attribute(tender, "acs:TenderDescription") or text(tender, "Description"),
            card=" ".join(word for word in words if word),
            amount=amount,
            is_void=flag(item, "VoidFlag"),
        )
    )
