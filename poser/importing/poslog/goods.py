# SPDX-License-Identifier: Apache-2.0
"""Reading the item lines of a POS transaction: what was sold, brought back, refunded."""

from decimal import Decimal

from poser.importing.poslog.fields import (
    MONEY,
    PRICE,
    QUANTITY,
    attribute,
    flag,
    number,
    required_number,
    text,
)
from poser.importing.poslog.items import understand
from poser.importing.poslog.receipt import Receipt
from poser.importing.poslog.records import ZERO, Item, ItemProblem, Line
from poser.importing.poslog.taxes import read_line_taxes
from poser.importing.poslog.xml import Element
from poser.trainwreck.model import LineKind

KINDS = {
    "Sale": LineKind.SALE,
    "SaleForDelivery": LineKind.SALE,
    "SaleForPickup": LineKind.SALE,
    "Return": LineKind.RETURN,
}
"""Elements of a LineItem that are goods, and what they mean."""

_UNITS = {"ea": "each", "each": "each", "lb": "lb", "lbr": "lb", "kg": "kg", "kgm": "kg"}
_WEIGHTS = {"lb", "kg", "weight"}
_NEGATIVE_ITEM = "acs:NegativeItem"


def read_goods(item: Element, sale: Element, receipt: Receipt) -> None:
    """Read one item line (`sale` inside the LineItem `item`) and the product it tells of."""
    kind = LineKind.REFUND if attribute(sale, "ItemType") == _NEGATIVE_ITEM else KINDS[sale.tag]
    code = text(sale, "POSIdentity/POSItemID", "POSItemID", "ItemID")
    code_kind = attribute(sale.find("POSIdentity"), "POSIDType")
    understood = understand(code, code_kind)
    unit, is_weighed = _unit(item, sale)
    quantity, extended = _amounts(sale, kind)
    regular = number(sale, "RegularSalesUnitPrice", places=PRICE)
    asked = number(sale, "ActualSalesUnitPrice", places=PRICE)
    department = _department(sale)
    line = Line(
        sequence=receipt.next(),
        kind=kind.value,
        code=code,
        gtin=understood.gtin,
        description=text(sale, "Description"),
        department_number=department.text if department else "",
        department_name=attribute(department, "acs:DepartmentDescription", "Description"),
        quantity=quantity,
        unit=unit,
        unit_price=next(
            p for p in (asked, regular, _per_unit(extended, quantity)) if p is not None
        ),
        regular_price=regular,
        extended=extended,
        discount=_discount(sale),
        entry=attribute(item, "EntryMethod").removeprefix("acs:").lower(),
        is_void=flag(item, "VoidFlag"),
        is_weighed=is_weighed,
        is_food_stampable=flag(sale.find("acs:Itemizers"), "FoodStampable"),
    )
    receipt.lines.append(line)
    if operator_sequence := text(sale, "acs:OperatorSequence"):
        receipt.line_of_operator_sequence[operator_sequence] = line.sequence
    read_line_taxes(sale, line.sequence, receipt)
    if understood.problem:
        where = f"{sale.tag}/POSIdentity/POSItemID"
        receipt.item_problems.append(ItemProblem(code=code, field=where, reason=understood.problem))
    elif code and not line.is_void:
        plain = code if understood.gtin is None else ""
        receipt.items.append(_item(line, plain, understood.plu, text(sale, "ItemID")))


def _item(line: Line, code: str, plu: int | None, item_id: str) -> Item:
    is_priced = line.kind == LineKind.SALE and line.regular_price and line.regular_price > 0
    return Item(
        gtin=line.gtin,
        plu=plu,
        code=code,
        other_code="" if item_id.lstrip("0") == line.code.lstrip("0") else item_id,
        description=line.description or line.code,
        department_number=line.department_number,
        department_name=line.department_name,
        is_weighed=line.is_weighed,
        is_food_stampable=line.is_food_stampable,
        price=line.regular_price if is_priced else None,
    )


def _unit(item: Element, sale: Element) -> tuple[str, bool]:
    said = attribute(sale.find("Quantity"), "UnitOfMeasureCode").lower()
    is_weighed = flag(item, "acs:weightItem")
    unit = _UNITS.get(said, said) or ("weight" if is_weighed else "each")
    return unit, is_weighed or unit in _WEIGHTS


def _amounts(sale: Element, kind: LineKind) -> tuple[Decimal, Decimal]:
    """Read quantity and amount; what was brought back counts negative, however written."""
    quantity = number(sale, "Quantity", places=QUANTITY)
    quantity = Decimal(1) if quantity is None else quantity
    extended = number(sale, "ExtendedAmount", places=MONEY)
    if extended is None:
        price = required_number(sale, "ActualSalesUnitPrice", "RegularSalesUnitPrice", places=PRICE)
        extended = round(price * quantity, 2)
    if kind is LineKind.RETURN and extended > 0:
        return -abs(quantity), -extended
    return quantity, extended


def _per_unit(extended: Decimal, quantity: Decimal) -> Decimal:
    return round(extended / quantity, PRICE) if quantity else ZERO


def _discount(sale: Element) -> Decimal:
    """Read what was taken off inside the amount of the line."""
    said = number(sale, "ExtendedDiscountAmount", places=MONEY)
    if said is not None:
        return said
    total = ZERO
    for modifier in sale.every("RetailPriceModifier"):
        amount = number(modifier, "Amount", places=MONEY) or ZERO
        is_added = attribute(modifier.find("Amount"), "Action").lower() == "add"
        total += -abs(amount) if is_added else abs(amount)
    return round(total, MONEY)


def _department(sale: Element) -> Element | None:
    groups = list(sale.every("MerchandiseHierarchy"))
    named = (group for group in groups if attribute(group, "Level") == "Department")
    return next(named, groups[0] if groups else None)
