# SPDX-License-Identifier: Apache-2.0
"""Products: everything that can be sold, by barcode, words, department or brand."""

from collections.abc import Sequence

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from poser.gtin import written
from poser.model import Brand, Department, PriceKind, Product, ProductPrice
from web.grid.filters import Choice, Flag, Option, Text
from web.grid.routes import menu_item, subject_routes
from web.grid.subject import Column, Kind, Order, Subject
from web.permissions import Route
from web.records.product import ProductPage
from web.rights import SEE_PRODUCTS
from web.site import Site

# The bare tables, without the object mapper: a grid reads rows, and many of them.
_P = Product.__table__.c
_PRICES = ProductPrice.__table__.c
_BRANDS = Brand.__table__.c
_DEPARTMENTS = Department.__table__.c


def _departments(session: Session) -> Sequence[Option]:
    names = session.connection().scalars(
        select(_DEPARTMENTS.name).distinct().order_by(_DEPARTMENTS.name)
    )
    return [Option(name, name) for name in names]


# A store's own price goes before the price for all stores.
_REGULAR = (
    select(func.round(_PRICES.price / _PRICES.multiple, 3))
    .where(
        _PRICES.product_id == _P.id,
        _PRICES.kind == PriceKind.REGULAR,
        _PRICES.valid.contains(func.now()),
    )
    .order_by(_PRICES.store_id)
    .limit(1)
    .scalar_subquery()
)

PRODUCTS = Subject(
    path="/products",
    title="Products",
    one="product",
    many="products",
    icon="products",
    empty="Import a POS log with `poser import poslog FILE` to begin.",
    permission=SEE_PRODUCTS,
    database="poser",
    table=Product.__table__,
    key=_P.id,
    search=_P.search,
    search_hint="Words, brand or digits",
    order="description",
    columns=(
        Column(
            name="gtin",
            label="Barcode",
            value=_P.gtin,
            kind=Kind.CODE,
            write=lambda number: written(number) if number else "",
            order=Order(by=func.coalesce(_P.gtin, literal_column("0"))),
        ),
        Column(name="plu", label="PLU", value=_P.plu, kind=Kind.CODE),
        Column(
            name="description",
            label="Description",
            value=_P.description,
            order=Order(by=_P.description),
            links=True,
            css="lead-cell",
        ),
        Column(
            name="is_discontinued",
            label="Discontinued",
            value=_P.is_discontinued,
            kind=Kind.FLAG,
        ),
        Column(name="size", label="Size", value=_P.size, css="short"),
        Column(
            name="brand",
            label="Brand",
            value=_P.brand_name,
            order=Order(by=_P.brand_name),
        ),
        Column(
            name="department",
            label="Department",
            value=_P.department_name,
            order=Order(by=_P.department_name),
            css="short",
        ),
        Column(name="price", label="Price", value=_REGULAR, kind=Kind.MONEY, css="side-cell"),
        Column(
            name="modified_at",
            label="Changed",
            value=_P.modified_at,
            kind=Kind.DAY,
            order=Order(by=_P.modified_at, best_first=True),
            css="wide-only",
        ),
    ),
    filters=(
        Choice(
            name="department",
            label="Department",
            column=_P.department_name,
            options=_departments,
        ),
        Text(
            name="brand",
            label="Brand",
            match=lambda words: _P.brand_id.in_(
                select(_BRANDS.id).where(
                    func.lower(_BRANDS.name).contains(words.lower(), autoescape=True)
                )
            ),
        ),
        Flag(
            name="discontinued",
            label="Discontinued",
            column=_P.is_discontinued | _P.is_deleted,
            usual="no",
            said={"no": "hidden", "any": "shown", "only": "only these"},
        ),
    ),
)

MENU = (menu_item(PRODUCTS, rank=10),)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the grid, its CSV, and each product's page."""
    return subject_routes(PRODUCTS, ProductPage())
