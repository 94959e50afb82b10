# SPDX-License-Identifier: Apache-2.0
"""Finding products by what a scanner read, a person typed or a file says: one function.

What an entry may mean is asked in this order, and the first that finds a product wins:

1. the product's id;
2. its GTIN, with and without check digit and from UPC-E, and its PLU;
3. the retailer's own item number (before the GTIN where the site says that it is the key);
4. the code of the vendor that is asked for;
5. other codes of the product;
6. the code of any vendor;
7. the GTIN of a label made in the store, with its price or weight left out.

Two products that answer to the same are told apart by rule: one that is still bought goes
first, then the vendor that is asked first, then the one changed last. Deleted products are
never found, those that are not for sale only when asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, literal, select, true, union_all
from sqlalchemy.orm import Session

from poser.gtin import CodeKind, candidates
from poser.model.costs import VendorItem
from poser.model.product_codes import ProductCode
from poser.model.products import Product


class Key(StrEnum):
    """What of a product an entry is compared with."""

    ID = "id"
    GTIN = "gtin"
    PLU = "plu"
    ITEM_NUMBER = "item_number"
    CODE = "code"
    VENDOR_CODE = "vendor_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A product that an entry means, by which key, and how the entry was read.

    `measure` is the price or weight inside a label made in the store, as poser.gtin says.
    """

    product: Product
    key: Key
    why: str
    measure: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One thing that an entry may mean; the lower its stage, the likelier."""

    key: Key
    value: str
    stage: int
    why: str
    measure: int | None = None


def find_products(
    session: Session,
    entries: Iterable[str],
    *,
    vendor_id: UUID | None = None,
    item_number_first: bool = False,
    with_not_for_sale: bool = False,
) -> dict[str, list[Match]]:
    """Find for each entry the products that it may mean, the likeliest first; often one.

    One query by indexed keys, however many entries and products there are. An entry that
    finds nothing has an empty list.
    """
    readings = {
        entry: list(_readings(entry, vendor_id, item_number_first=item_number_first))
        for entry in entries
    }
    keys = {(each.key, each.value) for found in readings.values() for each in found}
    rows = session.execute(_statement(keys, vendor_id, with_not_for_sale=with_not_for_sale))
    by_key: dict[tuple[str, str], list[tuple[Product, int]]] = {}
    for row in rows:
        by_key.setdefault((row.key, row.value), []).append((row.Product, row.ordinal))
    return {entry: _matches(found, by_key) for entry, found in readings.items()}


def products_by_code(
    session: Session,
    entry: str,
    *,
    vendor_id: UUID | None = None,
    with_not_for_sale: bool = False,
) -> list[Product]:
    """List the products that one entry may mean, the likeliest first; usually one or none."""
    found = find_products(
        session, [entry], vendor_id=vendor_id, with_not_for_sale=with_not_for_sale
    )
    return [match.product for match in found[entry]]


def _readings(entry: str, vendor_id: UUID | None, *, item_number_first: bool) -> Iterator[_Reading]:
    text = entry.strip()
    if not text or "\0" in text:
        return
    if (id_ := _id(text)) is not None:
        yield _Reading(key=Key.ID, value=str(id_), stage=0, why="id")
    item = Key.ITEM_NUMBER
    yield _Reading(key=item, value=text, stage=1 if item_number_first else 3, why="item number")
    stage = 6 if vendor_id is None else 4
    yield _Reading(key=Key.VENDOR_CODE, value=text, stage=stage, why="vendor's code")
    for lookup in candidates(text):
        stage = 5 if lookup.kind is CodeKind.CODE else 2 if lookup.measure is None else 7
        yield _Reading(
            key=Key(lookup.kind),
            value=str(lookup.value),
            stage=stage,
            why=lookup.why,
            measure=lookup.measure,
        )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in {32, 36} else None
    except ValueError:
        return None


def _statement(
    keys: set[tuple[Key, str]], vendor_id: UUID | None, *, with_not_for_sale: bool
) -> Select[Any]:
    """Ask for all keys at once; each part of the union is a look into one index."""
    values: dict[Key, list[str]] = {key: [] for key in Key}
    for key, value in sorted(keys):
        values[key].append(value)
    columns: dict[Key, tuple[Any, Any, Sequence[object]]] = {
        Key.ID: (Product.id, Product.id, [UUID(value) for value in values[Key.ID]]),
        Key.GTIN: (Product.id, Product.gtin, [int(value) for value in values[Key.GTIN]]),
        Key.PLU: (Product.id, Product.plu, [int(value) for value in values[Key.PLU]]),
        Key.ITEM_NUMBER: (Product.id, Product.item_number, values[Key.ITEM_NUMBER]),
        Key.CODE: (ProductCode.product_id, ProductCode.code, values[Key.CODE]),
    }
    parts = [
        select(
            product_id.label("product_id"),
            literal(key.value).label("key"),
            cast(column, Text).label("value"),
            literal(0).label("ordinal"),
        ).where(column.in_(wanted))
        for key, (product_id, column, wanted) in columns.items()
    ]
    of_vendor = true() if vendor_id is None else VendorItem.vendor_id == vendor_id
    vendors = select(
        VendorItem.product_id, literal(Key.VENDOR_CODE.value), VendorItem.code, VendorItem.ordinal
    ).where(VendorItem.code.in_(values[Key.VENDOR_CODE]), of_vendor)
    found = union_all(*parts, vendors).subquery()
    for_sale = true() if with_not_for_sale else Product.is_not_for_sale.is_(False)
    return (
        select(Product, found.c.key, found.c.value, found.c.ordinal)
        .join(found, found.c.product_id == Product.id)
        .where(Product.is_deleted.is_(False), for_sale)
    )


def _matches(
    readings: Sequence[_Reading], by_key: dict[tuple[str, str], list[tuple[Product, int]]]
) -> list[Match]:
    """Put what was found for one entry in order, each product once."""
    found = [
        (
            (
                reading.stage,
                place,
                product.is_discontinued,
                ordinal,
                -product.modified_at.timestamp(),
                product.id,
            ),
            Match(product=product, key=reading.key, why=reading.why, measure=reading.measure),
        )
        for place, reading in enumerate(readings)
        for product, ordinal in by_key.get((reading.key, reading.value), ())
    ]
    matches: dict[UUID, Match] = {}
    for _rank, match in sorted(found, key=lambda each: each[0]):
        matches.setdefault(match.product.id, match)
    return list(matches.values())
