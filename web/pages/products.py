# SPDX-License-Identifier: Apache-2.0
"""Products: everything that can be sold, by barcode, words, department or brand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from poser.gtin import written
from poser.model import Brand, Department, PriceKind, Product, ProductPrice
from web.grid.filters import Choice, Flag, Option, Text
from web.grid.subject import Column, Kind, Order
from web.pages.costs import VENDOR_ITEMS
from web.pages.product_parts import PRICES
from web.pages.stock import STOCK
from web.permissions import Route
from web.records.product import ProductPage
from web.records.product_parts import ProductPart
from web.resources import Area, Related, Resource, Section, Verb
from web.resources.parts import WITH_MERGE, read_only, table_of
from web.resources.resource import Tab
from web.rights import SEE_PRODUCTS
from web.site import Site

_P = table_of(Product).c
_PRICES = table_of(ProductPrice).c
_BRANDS = table_of(Brand).c
_DEPARTMENTS = table_of(Department).c


_NAMES = select(_DEPARTMENTS.name).distinct().order_by(_DEPARTMENTS.name)


def _departments(session: Session) -> Sequence[Option]:
    return [Option(name, name) for name in session.connection().scalars(_NAMES)]


def _with_names(session: Session, values: Mapping[str, object]) -> Mapping[str, object]:
    """Copy the names of brand and department, which the database wants beside their ids."""
    found = dict(values)
    for names, key, copy in (
        (_BRANDS, "brand_id", "brand_name"),
        (_DEPARTMENTS, "department_id", "department_name"),
    ):
        if key in found:
            name = _name(session, names, found[key])
            found[copy] = name
    return found


def _name(session: Session, names: Any, key: object) -> str:  # noqa: ANN401 - columns
    if not isinstance(key, UUID):
        return ""
    return session.scalar(select(names.name).where(names.id == key)) or ""


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

_COLUMNS = (
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
    Column(name="is_discontinued", label="Discontinued", value=_P.is_discontinued, kind=Kind.FLAG),
    Column(name="size", label="Size", value=_P.size, css="short"),
    Column(name="brand", label="Brand", value=_P.brand_name, order=Order(by=_P.brand_name)),
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
)

_FILTERS = (
    Choice(name="department", label="Department", column=_P.department_name, options=_departments),
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
)

_SECTIONS = (
    Section(title="Codes", fields=("gtin", "plu", "item_number")),
    Section(
        title="What it is",
        fields=("description", "description_2", "brand_id", "size", "unit_size", "unit_id", "kind"),
    ),
    Section(
        title="Where it belongs",
        fields=(
            "department_id",
            "subdepartment_id",
            "category_id",
            "family_id",
            "report_code_id",
        ),
    ),
    Section(
        title="At the till",
        fields=(
            "is_weighed",
            "price_unit_id",
            "average_weight",
            "is_food_stampable",
            "is_discountable",
            "is_price_required",
            "minimum_age",
            "deposit_id",
        ),
    ),
    Section(title="Packs", fields=("single_id", "pack_size", "is_default_pack", "case_size")),
    Section(
        title="What is in it",
        fields=(
            "is_organic",
            "is_kosher",
            "is_halal",
            "is_vegan",
            "is_vegetarian",
            "is_gluten_free",
            "is_sugar_free",
            "ingredients",
            "allergens",
            "origin_country",
        ),
    ),
    Section(
        title="For sale",
        fields=(
            "is_discontinued",
            "is_not_for_sale",
            "is_special_order",
            "is_deleted",
            "last_sold_on",
            "notes",
        ),
    ),
)

_PARTS = {
    "details": ("Details", SEE_PRODUCTS, ("product_images", "notes")),
    "pricing": (
        "Pricing",
        PRICES.permission(Verb.VIEW),
        ("product_prices", "product_taxes", "product_figures"),
    ),
    "vendors": ("Vendors", VENDOR_ITEMS.permission(Verb.VIEW), ("vendor_items", "product_codes")),
    "stock": (
        "Stock",
        STOCK.permission(Verb.VIEW),
        ("stock_levels", "product_stores", "stock_movements"),
    ),
}

PRODUCT_RESOURCE = Resource(
    model=Product,
    path="/products",
    title="Products",
    one="product",
    many="products",
    icon="products",
    area=Area.PRODUCTS,
    rank=10,
    about="Everything that you sell: its codes, price, department and brand.",
    empty="Add the first one here, or import them: a POS log brings the products it sold.",
    is_imported=True,
    label="description",
    order="description",
    search_hint="Words, brand or digits",
    can=WITH_MERGE,
    columns=_COLUMNS,
    columns_more=(
        "item_number",
        "description_2",
        "kind",
        "subdepartment_id",
        "category_id",
        "family_id",
        "report_code_id",
        "unit_size",
        "unit_id",
        "case_size",
        "pack_size",
        "single_id",
        "is_weighed",
        "is_food_stampable",
        "is_discountable",
        "is_organic",
        "is_kosher",
        "is_halal",
        "is_vegan",
        "is_vegetarian",
        "is_gluten_free",
        "is_sugar_free",
        "origin_country",
        "minimum_age",
        "deposit_id",
        "is_not_for_sale",
        "is_special_order",
        "last_sold_on",
        "created_at",
    ),
    filters=_FILTERS,
    sections=_SECTIONS,
    fields=read_only(Product, "last_sold_on"),
    complete=_with_names,
    related=(
        Related(table="product_prices", by="product_id"),
        Related(table="product_codes", by="product_id"),
        Related(table="vendor_items", by="product_id"),
        Related(table="stock_levels", by="product_id"),
        Related(table="product_stores", by="product_id"),
        Related(table="stock_movements", by="product_id"),
        Related(table="product_taxes", by="product_id"),
        Related(table="product_figures", by="product_id"),
        Related(table="product_images", by="product_id"),
        Related(table="notes", by="product_id"),
    ),
    record=ProductPage(),
    tabs=tuple(
        Tab(name=name, label=label, permission=need) for name, (label, need, _) in _PARTS.items()
    ),
)

PRODUCTS = PRODUCT_RESOURCE.grid
"""The grid of products, for the pages that show something of it."""

RESOURCES = (PRODUCT_RESOURCE,)


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the further pages of a product."""
    return [
        Route(
            path=PRODUCT_RESOURCE.path + "/{key:uuid}/" + name,
            page=ProductPart(name, tables, has_fields=name == "details"),
            need=need,
        )
        for name, (_label, need, tables) in _PARTS.items()
    ]
