# SPDX-License-Identifier: Apache-2.0
"""Rows of batches: added, shown by pages, changed, taken out."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from poser.batch.batch_type import NewRow, RowField
from poser.batch.executing import execute
from poser.batch.moving import complete, held
from poser.batch.rows import (
    add_rows,
    breakdown,
    change,
    held_row,
    page,
    refresh_all,
    take_out,
)
from poser.db import transaction
from poser.errors import PoserError, StaleRecord
from poser.model import Brand
from tests.support.batches import Made, NewBrands, names_of_brands

pytestmark = pytest.mark.postgresql


def test_rows_are_shown_by_pages_and_counted_by_status(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made(*(f"Brand {n:04}" for n in range(2500)), complete_it=False)
    with transaction(poser_db) as session:
        session.add(Brand(name="Brand 0007"))
        batch = held(session, number)
        assert batch.row_count == 2500
        assert refresh_all(session, brands, batch) == 2500
        assert breakdown(session, batch) == {("", "new"): 2499, ("", "there"): 1}
        (there,) = page(session, batch, statuses=("there",))
        assert (there.number, there.label) == (8, "Brand 0007")
        assert [row.number for row in page(session, batch, after=10, limit=3)] == [11, 12, 13]


def test_a_row_that_somebody_took_out_is_not_executed(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", "Bolt", "Coil", complete_it=False)
    with transaction(poser_db) as session:
        batch = held(session, number)
        for gone in (1, 2):
            take_out(session, batch, held_row(session, batch, gone))
        take_out(session, batch, held_row(session, batch, 1), out=False)
        assert batch.row_count == 2
        assert [row.label for row in page(session, batch, removed=True)] == ["Bolt"]
        complete(session, brands, batch)
    execute(poser_db, brands, number)
    assert names_of_brands(poser_db) == ["Acme", "Coil"]


def test_a_changed_row_is_looked_up_again(poser_db: Engine, made: Made, brands: NewBrands) -> None:
    number = made("Acme", complete_it=False)
    with transaction(poser_db) as session:
        session.add(Brand(name="Bolt"))
        batch = held(session, number)
        row = held_row(session, batch, 1)
        change(session, brands, batch, row, {"name": "Bolt", "rank": "1.50"})
    with transaction(poser_db) as session:
        row = held_row(session, held(session, number), 1)
        assert (row.status, row.label) == ("there", "Bolt")
        assert row.data == {"name": "Bolt", "rank": "1.50"}
        assert row.entry == "Acme"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"nmae": "x"}, "rows of new-brands have no field 'nmae' to be changed"),
        ({"source": "x"}, "rows of new-brands have no field 'source' to be changed"),
        ({"rank": "many"}, "rank: 'many' is no number"),
        ({"rank": "NaN"}, "rank: 'NaN' is no number"),
    ],
)
def test_what_cannot_be_kept_is_named(
    poser_db: Engine, made: Made, brands: NewBrands, words: dict[str, object], says: str
) -> None:
    number = made("Acme", complete_it=False)
    with transaction(poser_db) as session:
        batch = held(session, number)
        row = held_row(session, batch, 1)
        with pytest.raises(PoserError, match=says):
            change(session, brands, batch, row, words)


def test_nobody_overwrites_a_row_that_they_never_saw(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", complete_it=False)
    with transaction(poser_db) as session:
        batch = held(session, number)
        seen = held_row(session, batch, 1).edits
        change(session, brands, batch, held_row(session, batch, 1, seen), {"name": "Hers"})
    with transaction(poser_db) as session:
        batch = held(session, number)
        with pytest.raises(StaleRecord, match=f"row 1 of batch {number} was changed meanwhile"):
            held_row(session, batch, 1, seen)
    with transaction(poser_db) as session:
        assert held_row(session, held(session, number), 1).data["name"] == "Hers"


def test_rows_are_added_behind_those_that_there_are(poser_db: Engine, made: Made) -> None:
    number = made("Acme", complete_it=False)
    with transaction(poser_db) as session:
        batch = held(session, number)
        assert add_rows(session, batch, [NewRow(label="B"), NewRow(label="C")]) == 2
        assert [(row.number, row.label) for row in page(session, batch, after=1)] == [
            (2, "B"),
            (3, "C"),
        ]


def test_typed_values_are_read_by_their_field() -> None:
    number = RowField("price", Decimal, "Price")
    assert number.read("2.50") == "2.50"
    assert number.read("") is None
    assert RowField("is_new", bool).read("Yes") is True
    with pytest.raises(PoserError, match="Price: '2,5' is no number"):
        number.read("2,5")
