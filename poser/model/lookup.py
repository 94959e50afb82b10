# SPDX-License-Identifier: Apache-2.0
"""Finding products by what a scanner read or a person typed."""

from sqlalchemy import Text, cast, literal, select, union_all
from sqlalchemy.orm import Session

from poser.gtin import CodeKind, candidates
from poser.model.products import Product, ProductCode


def products_by_code(session: Session, text: str) -> list[Product]:
    """List the products that `text` may mean, the likeliest first; usually one or none.

    One query by exact keys (GTIN, PLU, other codes), whatever the size of the table.
    """
    ranks = {
        (lookup.kind.value, str(lookup.value)): rank for rank, lookup in enumerate(candidates(text))
    }
    if not ranks:
        return []
    numbers = [int(value) for kind, value in ranks if kind == CodeKind.GTIN]
    plus = [int(value) for kind, value in ranks if kind == CodeKind.PLU]
    codes = [value for kind, value in ranks if kind == CodeKind.CODE]
    keys = union_all(
        select(
            Product.id.label("id"),
            literal(CodeKind.GTIN.value).label("kind"),
            cast(Product.gtin, Text).label("value"),
        ).where(Product.gtin.in_(numbers)),
        select(Product.id, literal(CodeKind.PLU.value), cast(Product.plu, Text)).where(
            Product.plu.in_(plus)
        ),
        select(ProductCode.product_id, literal(CodeKind.CODE.value), ProductCode.code).where(
            ProductCode.code.in_(codes)
        ),
    ).subquery()
    rows = session.execute(
        select(Product, keys.c.kind, keys.c.value).join(keys, keys.c.id == Product.id)
    ).all()
    ordered = sorted(rows, key=lambda row: ranks[row.kind, row.value])
    return list(dict.fromkeys(row.Product for row in ordered))
