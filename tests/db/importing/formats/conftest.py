# SPDX-License-Identifier: Apache-2.0
"""A shop whose rows have everything that files are bad at."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

ODD = (
    "=1+1", "'=1+1", "''@x", "-5", "+1", "@home", "tab\tinside", "\tfirst", "two\nlines", "a\rb",
    'say "cheese"', "it's", "a,b;c|d", "back\\slash", "\\N", "\\.", "Käse 牛乳 🧀", "NULL", "0012",
    "a_x000D_b", "bell \a", "_x005F_",
)  # fmt: skip
"""Descriptions of products."""

_ROWS = """
INSERT INTO brands (name) VALUES ('Acme'), ('=Formula & Co');
INSERT INTO departments (number, name) VALUES (1, 'Dairy'), (2, 'Bakery');
"""
_PRODUCTS = text("""
INSERT INTO products (item_number, description, plu, brand_id, brand_name, unit_size, unit_id,
    case_size)
SELECT :number, :description, :plu, b.id, coalesce(b.name, ''), :size,
    CASE WHEN :size IS NOT NULL THEN (SELECT id FROM units LIMIT 1) END, 12.5
FROM (VALUES (1)) AS one LEFT JOIN brands AS b ON b.name = :brand
""")


@pytest.fixture
def shop_db(poser_db: Engine) -> Engine:
    """Give a database with odd rows."""
    with poser_db.begin() as connection:
        connection.execute(text(_ROWS))
        if not connection.execute(text("SELECT count(*) FROM units")).scalar_one():
            connection.execute(text("INSERT INTO units (name, abbreviation) VALUES ('litre', 'l')"))
        for number, description in enumerate(ODD, start=1):
            connection.execute(
                _PRODUCTS,
                {
                    "number": f"{number:05}",
                    "description": description,
                    "plu": number,
                    "brand": "=Formula & Co" if number % 3 else None,
                    "size": f"{number}.25" if number % 2 else None,
                },
            )
    return poser_db


@pytest.fixture
def other_db(new_database: Callable[[str], Engine]) -> Engine:
    """Give a second, empty database: another node's."""
    return new_database("poser")
