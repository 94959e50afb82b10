# SPDX-License-Identifier: Apache-2.0
"""Products: everything that can be sold, by barcode, words, department or brand."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.gtin import written
from poser.model import Brand, Department, PriceKind, Product, ProductPrice
from poser.model.products import PRODUCT_ORDER
from web.grid.filters import Choice, Flag, Option, Text
from web.grid.routes import menu_item, subject_routes
from web.grid.subject import Column, Kind, Order, Subject
from web.permissions import Route
from web.records.product import ProductPage
from web.rights import SEE_PRODUCTS
from web.site import Site


def _departments(session: Session) -> Sequence[Option]:
    names = session.scalars(select(Department.name).distinct().order_by(Department.name))
    return [Option(name, name) for name in names]


# A store's own price goes before the price for all stores.
_REGULAR = (
    select(ProductPrice.price)
    .where(
        ProductPrice.product_id == Product.id,
        ProductPrice.kind == PriceKind.REGULAR,
        ProductPrice.valid.contains(func.now()),
    )
    .order_by(ProductPrice.store_id)
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
    key=Product.id,
    search=Product.search,
    search_hint="Words, brand or digits",
    order="description",
    columns=(
        Column(
            name="gtin",
            label="Barcode",
            value=Product.gtin,
            kind=Kind.CODE,
            write=lambda number: written(number) if number else "",
            order=Order(by=PRODUCT_ORDER["gtin"]),
        ),
        Column(name="plu", label="PLU", value=Product.plu, kind=Kind.CODE),
        Column(
            name="description",
            label="Description",
            value=Product.description,
            order=Order(by=PRODUCT_ORDER["description"]),
            links=True,
            css="lead-cell",
        ),
        Column(
            name="is_discontinued",
            label="Discontinued",
            value=Product.is_discontinued,
            kind=Kind.FLAG,
        ),
        Column(name="size", label="Size", value=Product.size, css="short"),
        Column(
            name="brand",
            label="Brand",
            value=Product.brand_name,
            order=Order(by=PRODUCT_ORDER["brand"]),
        ),
        Column(
            name="department",
            label="Department",
            value=Product.department_name,
            order=Order(by=PRODUCT_ORDER["department"]),
            css="short",
        ),
        Column(name="price", label="Price", value=_REGULAR, kind=Kind.MONEY, css="side-cell"),
        Column(
            name="modified_at",
            label="Changed",
            value=Product.modified_at,
            kind=Kind.TIME,
            order=Order(by=PRODUCT_ORDER["modified_at"], best_first=True),
            css="wide-only",
        ),
    ),
    filters=(
        Choice(
            name="department",
            label="Department",
            column=Product.department_name,
            options=_departments,
        ),
        Text(
            name="brand",
            label="Brand",
            match=lambda words: Product.brand_id.in_(
                select(Brand.id).where(
                    func.lower(Brand.name).contains(words.lower(), autoescape=True)
                )
            ),
        ),
        Flag(
            name="discontinued",
            label="Discontinued",
            column=Product.is_discontinued,
            usual="no",
            said={"no": "hidden", "any": "shown", "only": "only these"},
        ),
    ),
)

MENU = (menu_item(PRODUCTS, rank=10),)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the grid, its CSV, and each product's page."""
    return subject_routes(PRODUCTS, ProductPage())
