# SPDX-License-Identifier: Apache-2.0
"""The page of one product: codes, prices, department, and its last sales."""

import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import falcon
from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.errors import Unavailable
from poser.gtin import written, written_14
from poser.model import PriceKind, Product, ProductCode, ProductPrice, Store
from poser.trainwreck.model import PosLine, PosTransaction
from web.barcode import ean13
from web.formats import Moment, moment, money, quantity
from web.language import _, mark
from web.resources.reading import read_record
from web.resources.record_page import frame_of
from web.resources.scope import of_numbers
from web.rights import SEE_POS_TRANSACTIONS
from web.showing import show
from web.urls import with_query
from web.visits import Visit, Visitor, visit

log = logging.getLogger(__name__)

PLACE = "/products"
SALES_PLACE = "/pos-transactions"

_POS = PosTransaction.__table__.c
_MOST_SALES = 12
_MOST_PRICES = 50
_KINDS = {
    PriceKind.REGULAR: mark("Regular"),
    PriceKind.PROMOTION: mark("Promotion"),
    PriceKind.MEMBER: mark("Member"),
    PriceKind.TEMPORARY: mark("Temporary"),
    PriceKind.CLEARANCE: mark("Clearance"),
    PriceKind.SUGGESTED: mark("Suggested by the maker"),
}


PriceRow = Row[str, Decimal, int, Range[datetime], str, str]
SaleRow = Row[UUID, datetime, str, Decimal, str, Decimal, bool]


class Price(NamedTuple):
    """One price as the page shows it."""

    kind: str
    amount: str
    where: str
    since: Moment | None
    until: Moment | None
    is_now: bool


class Sale(NamedTuple):
    """One line of a POS transaction that sold the product."""

    path: str
    ended: Moment | None
    store: str
    quantity: str
    unit: str
    amount: str
    is_void: bool


class ProductPage:
    """Falcon resource: one product."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show the product, or say that there is none with this id."""
        here = visit(req)
        here.place = PLACE
        session = here.read()
        product = session.get(Product, key)
        if product is None:
            raise falcon.HTTPNotFound
        resource = here.site.resources["products"]
        record = read_record(session, resource, key, here.visitor)
        prices = _prices(session, key, here.site.clock(), here.site.zone)
        sales, sales_problem = _sales(here, product)
        show(
            req,
            resp,
            "product.pt",
            title=product.description,
            frame=frame_of(here, resource, record),
            parts=here.site.templates["record_parts.pt"],
            product=product,
            code=written(product.gtin) if product.gtin else "",
            code_14=written_14(product.gtin) if product.gtin else "",
            barcode=ean13(product.gtin) if product.gtin else None,
            others=session.scalars(
                select(ProductCode.code)
                .where(ProductCode.product_id == key)
                .order_by(ProductCode.code)
            ).all(),
            now=[price for price in prices if price.is_now],
            prices=prices,
            sales=sales,
            sales_problem=sales_problem,
            may_see_sales=here.visitor.may(SEE_POS_TRANSACTIONS),
            department_path=with_query(PLACE, [("department", product.department_name)]),
            created=moment(product.created_at, here.site.zone),
            modified=moment(product.modified_at, here.site.zone),
        )


def _sales(here: Visit, product: Product) -> tuple[list[Sale], str]:
    """List the last sales; the product is shown even when their database is away."""
    if product.gtin is None or not here.visitor.may(SEE_POS_TRANSACTIONS):
        return [], ""
    try:
        rows = _last_sales(here.read("trainwreck"), product.gtin, here.visitor)
    except (Unavailable, DBAPIError) as error:
        log.warning(
            "sales of a product not shown",
            extra={"reference": here.reference, "reason": str(error)},
        )
        return [], _("The database of POS transactions does not answer just now.")
    return [_sale(row, here.site.zone) for row in rows], ""


def _prices(session: Session, key: UUID, now: datetime, zone: ZoneInfo) -> list[Price]:
    """List the newest prices, those that hold now first."""
    rows = session.execute(
        select(
            ProductPrice.kind,
            ProductPrice.price,
            ProductPrice.multiple,
            ProductPrice.valid,
            Store.number,
            Store.name,
        )
        .outerjoin(Store, Store.id == ProductPrice.store_id)
        .where(ProductPrice.product_id == key)
        .order_by(func.lower(ProductPrice.valid).desc(), ProductPrice.kind)
        .limit(_MOST_PRICES)
    )
    found = [_price(row, now, zone) for row in rows]
    return sorted(found, key=lambda price: not price.is_now)


def _price(row: PriceRow, now: datetime, zone: ZoneInfo) -> Price:
    kind, amount, multiple, valid, number, name = row
    several = _("{count} for {price}").format(count=multiple, price=money(amount))
    return Price(
        kind=_(_KINDS[PriceKind(kind)]),
        amount=money(amount) if multiple == 1 else several,
        where=" ".join(filter(None, (number, name))) if number else _("all stores"),
        since=moment(valid.lower, zone),
        until=moment(valid.upper, zone),
        is_now=now in valid,
    )


def _last_sales(session: Session, gtin: int, visitor: Visitor) -> Sequence[SaleRow]:
    return session.execute(
        select(
            PosTransaction.id,
            PosTransaction.ended_at,
            PosTransaction.store_number,
            PosLine.quantity,
            PosLine.unit,
            PosLine.extended,
            PosLine.is_void,
        )
        .join(
            PosTransaction,
            (PosTransaction.id == PosLine.transaction_id)
            & (PosTransaction.business_date == PosLine.business_date),
        )
        .where(PosLine.gtin == gtin, *of_numbers(_POS.store_number, visitor))
        .order_by(PosLine.business_date.desc(), PosTransaction.ended_at.desc(), PosLine.sequence)
        .limit(_MOST_SALES)
    ).all()


def _sale(row: SaleRow, zone: ZoneInfo) -> Sale:
    key, ended_at, store, amount, unit, extended, is_void = row
    return Sale(
        path=f"{SALES_PLACE}/{key}",
        ended=moment(ended_at, zone),
        store=store,
        quantity=quantity(amount),
        unit="" if unit == "each" else unit,
        amount=money(extended),
        is_void=is_void,
    )
