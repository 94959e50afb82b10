# SPDX-License-Identifier: Apache-2.0
"""Reading one Transaction of a POSLog, whole or not at all."""

import re
from datetime import date, tzinfo
from decimal import Decimal

from poser.importing.poslog.discounts import read_discount, read_membership, read_reward
from poser.importing.poslog.fields import (
    MONEY,
    FieldError,
    as_number,
    attribute,
    day,
    flag,
    instant,
    required,
    text,
)
from poser.importing.poslog.goods import KINDS, read_goods
from poser.importing.poslog.receipt import Receipt
from poser.importing.poslog.records import Header, Transaction
from poser.importing.poslog.taxes import read_tax
from poser.importing.poslog.tenders import read_tender, settle_cash_back
from poser.importing.poslog.xml import Element
from poser.trainwreck.model import TransactionKind

_STORE = ("RetailStoreID", "BusinessUnit/UnitID")
_KINDS = {
    "RetailTransaction": TransactionKind.SALE,
    "ControlTransaction": TransactionKind.CONTROL,
    "TenderControlTransaction": TransactionKind.TENDER_CONTROL,
    "InventoryControlTransaction": TransactionKind.INVENTORY_CONTROL,
}
_VOID = {"canceled", "cancelled", "voided", "postvoided"}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_transaction(element: Element, *, system: str, zone: tzinfo) -> Transaction:
    """Read one Transaction; times without a zone are of `zone`.

    Raises FieldError for the first field that is missing or wrong.
    """
    body = _body(element)
    receipt = Receipt()
    for item in body.every("LineItem"):
        _read_line_item(item, receipt)
    settle_cash_back(receipt)
    return Transaction(
        header=_header(element, body, receipt, system=system, zone=zone),
        lines=tuple(receipt.lines),
        discounts=tuple(receipt.discounts),
        taxes=tuple(receipt.taxes),
        tenders=tuple(receipt.tenders),
        items=tuple(receipt.items),
        item_problems=tuple(receipt.item_problems),
    )


def entry_of(element: Element) -> str:
    """Name a Transaction as far as it can be read, for messages about it."""
    parts = ("|".join(_STORE), "WorkstationID", "BusinessDayDate", "SequenceNumber")
    found = []
    for part in parts:
        each = next((f for f in map(element.find, part.split("|")) if f is not None), None)
        found.append(each.text[:40] if each is not None and each.text else "?")
    return "/".join(found)


def _body(element: Element) -> Element:
    found = next((c for c in element.children if c.tag.endswith("Transaction")), None)
    if found is None:
        wanted = "has no RetailTransaction, ControlTransaction or other transaction in it"
        raise FieldError("Transaction", "", wanted, element)
    return found


def _read_line_item(item: Element, receipt: Receipt) -> None:
    if flag(item, "CancelFlag"):
        return
    for part in item.children:
        match part.tag:
            case tag if tag in KINDS:
                read_goods(item, part, receipt)
            case "Tender":
                read_tender(item, part, receipt)
            case "Tax":
                read_tax(item, part, receipt)
            case "Discount":
                read_discount(item, part, receipt)
            case "LoyaltyReward":
                read_reward(item, part, receipt)
            case "acs:LoyaltyMembership" | "LoyaltyMembership":
                read_membership(part, receipt)


def _header(
    element: Element, body: Element, receipt: Receipt, *, system: str, zone: tzinfo
) -> Header:
    store, terminal = required(element, *_STORE), required(element, "WorkstationID")
    receipt_number = required(element, "SequenceNumber")
    business_date = day(element, "BusinessDayDate")
    ended = instant(element, "EndDateTime", "POSLogDateTime", "BeginDateTime", zone=zone)
    ended = ended or instant(body, "ReceiptDateTime", zone=zone)
    if ended is None:
        raise FieldError("EndDateTime", "", "is missing", element)
    kind = _KINDS.get(body.tag, TransactionKind.OTHER)
    said = _totals(body)
    subtotal = receipt.goods() + receipt.discounted()
    tax = said.get("TransactionTaxAmount", receipt.taxed())
    status = attribute(body, "TransactionStatus").lower()
    operator = element.find("OperatorID")
    return Header(
        business_date=business_date,
        system=system,
        system_id=_system_id(store, terminal, business_date, receipt_number),
        kind=kind.value,
        control="" if kind is TransactionKind.SALE else _control(body),
        reason=text(body, "ReasonCode"),
        store_number=store,
        terminal=terminal,
        receipt_number=receipt_number,
        started_at=instant(element, "BeginDateTime", zone=zone) or ended,
        ended_at=ended,
        cashier_number=text(element, "OperatorID"),
        cashier_name=attribute(operator, "OperatorName"),
        customer_number=text(body, "Customer/CustomerID") or receipt.customer,
        currency=text(element, "CurrencyCode"),
        subtotal=subtotal,
        discount_total=receipt.discounted(),
        tax_total=tax,
        total=said.get("TransactionGrandAmount", subtotal + tax),
        tender_total=receipt.tendered(),
        line_count=len(receipt.lines),
        is_void=flag(element, "CancelFlag") or flag(element, "VoidFlag") or status in _VOID,
        is_suspended=status == "suspended",
        is_training=flag(element, "TrainingModeFlag"),
        resumes=_resumes(body),
    )


def _totals(body: Element) -> dict[str, Decimal]:
    """Read what the till itself added up, by TotalType."""
    totals = {}
    for total in body.every("Total"):
        if total.text:
            amount = as_number(total, "Total", places=MONEY)
            totals[attribute(total, "TotalType")] = amount
    return totals


def _system_id(store: str, terminal: str, business_date: date, receipt_number: str) -> str:
    return f"{store}/{terminal}/{business_date.isoformat()}/{receipt_number}"


def _control(body: Element) -> str:
    """Say what a till did: the first element that is more than a remark, as `sign_on`."""
    remarks = {"ReasonCode", "LineItem", "SequenceNumber"}
    named = next((c.tag for c in body.children if c.tag not in remarks), "")
    name = named.rpartition("}")[2].removeprefix("acs:").removeprefix("Operator")
    return _WORDS.sub("_", name).lower()


def _resumes(body: Element) -> str:
    for link in body.every("TransactionLink"):
        if attribute(link, "ReasonCode") == "Resume":
            return _system_id(
                required(link, *_STORE),
                required(link, "WorkstationID"),
                day(link, "BusinessDayDate"),
                required(link, "SequenceNumber"),
            )
    return ""
