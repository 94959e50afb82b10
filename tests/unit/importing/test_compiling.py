# SPDX-License-Identifier: Apache-2.0
"""An importer's fields become one function that reads records, or refuses them by field."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Computed, Numeric, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from poser.db.base import TYPES
from poser.errors import ImportFailed
from poser.importing.compiling import compiled, compiled_lines
from poser.importing.copying import as_line
from poser.importing.fields import Field, Find
from poser.importing.importer import Importer, Made, Record
from poser.importing.kinds import FieldProblem


class Shelf(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Corner(Shelf):
    __tablename__ = "corners"
    number: Mapped[int] = mapped_column(primary_key=True)


class Thing(Shelf):
    __tablename__ = "things"
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str] = mapped_column(server_default="goods")
    note: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    cost: Mapped[Decimal] = mapped_column(Numeric(12, 5))
    is_new: Mapped[bool] = mapped_column(server_default=text("false"))
    count: Mapped[int] = mapped_column(server_default=text("'1'::integer"))
    day: Mapped[date | None]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    corner_id: Mapped[int | None]
    place_id: Mapped[int]
    search: Mapped[str] = mapped_column(Computed("lower(name)"))


NAMES = ("number", "name", "size", "kind", "note", "price", "cost", "is_new", "count", "day")
GOOD = ["7", "Milk", "12 oz", "goods", "cold", "1.5", "0.123", "true", "3", "2026-11-22"]


def importer(*fields: Field | str, key: tuple[str, ...] = ("number",)) -> Importer:
    made = tuple(Field(one) if isinstance(one, str) else one for one in fields)
    return Made(model=Thing, key=key, fields=made).importer()


def only(field: Field | str, value: object, *, names: Sequence[str] = ()) -> tuple[object, str]:
    """Read one value both ways; they have to agree about refusing it."""
    one = importer(field, key=())
    names = names or [one.fields[0].said]
    try:
        values = compiled(one, names)([value])
    except FieldProblem:
        with pytest.raises(FieldProblem):
            compiled_lines(one, names)([value])
        raise
    line = compiled_lines(one, names)([value])
    assert values is not None
    assert line is not None
    return values[0], line


def test_a_record_becomes_values_of_the_columns_types() -> None:
    assert compiled(importer(*NAMES), NAMES)(GOOD) == (
        7, "Milk", "12 oz", "goods", "cold", Decimal("1.5"), Decimal("0.123"), True, 3,
        date(2026, 11, 22),
    )  # fmt: skip


def test_a_record_becomes_a_line_of_copy_just_as_it_is() -> None:
    assert compiled_lines(importer(*NAMES), NAMES)(GOOD) == "\t".join(GOOD)


def test_empty_values_become_null_or_the_columns_own_default() -> None:
    record = ["7", "", "", "", "", "", "1", "", "", ""]
    expected = (7, "", "", "goods", None, None, Decimal(1), False, 1, None)
    assert compiled(importer(*NAMES), NAMES)(record) == expected
    line = compiled_lines(importer(*NAMES), NAMES)(record)
    assert line == "7\t\t\tgoods\t\\N\t\\N\t1\tFalse\t1\t\\N"


def test_a_default_that_the_database_makes_says_nothing() -> None:
    assert only("made_at", "") == (None, "\\N")
    assert only("made_at", None) == (None, "\\N")


@pytest.mark.parametrize("empty", ["", None])
def test_what_may_not_be_empty_is_refused(empty: object) -> None:
    with pytest.raises(FieldProblem, match="cost '': must be given"):
        only("cost", empty)
    with pytest.raises(FieldProblem, match="corner '': must be given"):
        only(Field("place_id", "corner", find=Find(Corner, "number")), empty)


def test_a_key_may_not_be_empty_even_where_the_column_may() -> None:
    one = importer("note", key=("note",))
    with pytest.raises(FieldProblem, match="note '': must be given"):
        compiled_lines(one, ["note"])([""])


def test_fields_come_in_their_own_order_wherever_the_source_has_them() -> None:
    one = importer("name", "number")
    names = ("other", "number", "more", "name")
    assert compiled(one, names)(["x", "1", "y", "Milk"]) == ("Milk", 1)
    assert compiled_lines(one, names)(["x", "1", "y", "Milk"]) == "Milk\t1"


def test_constants_and_defaults_need_no_source() -> None:
    one = importer(
        Field("kind", value="a\tb"), "number", Field("note", default=None), Field("size", default=5)
    )
    assert compiled(one, ["number"])(["1"]) == ("a\tb", 1, None, "5")
    assert compiled_lines(one, ["number"])(["1"]) == "a\\tb\t1\t\\N\t5"
    assert compiled_lines(one, ["number"])(["01"]) == "a\\tb\t1\t\\N\t5"
    assert compiled_lines(importer(Field("kind", value="x"), key=()), [])([]) == "x"


def test_a_default_stands_for_an_empty_value() -> None:
    assert only(Field("price", default="2.50"), "") == (Decimal("2.50"), "2.500")
    assert only(Field("cost", default=0), None) == (Decimal(0), "0.00000")


def test_another_row_is_found_by_the_kind_of_its_own_field() -> None:
    field = Field("corner_id", "corner", find=Find(Corner, "number"))
    assert only(field, "007") == (7, "7")
    assert only(field, "") == (None, "\\N")
    with pytest.raises(FieldProblem, match="corner 'x': is not a number"):
        only(field, "x")


def test_a_reader_of_the_importers_own_comes_first() -> None:
    def cents(value: object) -> Decimal:
        return Decimal(str(value)) / 100

    assert only(Field("price", read=cents), "250") == (Decimal("2.5"), "2.500")
    with pytest.raises(FieldProblem, match="more than 3 decimal places"):
        only(Field("price", read=cents), "250.55")
    with pytest.raises(FieldProblem, match="price 'x': InvalidOperation"):
        only(Field("price", read=cents), "x")
    assert only(Field("price", read=lambda _: None), "x") == (None, "\\N")


def test_values_that_are_no_texts_are_read_too() -> None:
    record = [7, "Milk", None, None, None, 1.5, Decimal("0.1"), 1, 3.0, date(2026, 11, 22)]
    line = compiled_lines(importer(*NAMES), NAMES)(record)
    assert line == "7\tMilk\t\tgoods\t\\N\t1.500\t0.10000\tTrue\t3\t2026-11-22"


def test_zero_and_no_are_not_empty() -> None:
    assert only("price", 0) == (Decimal(0), "0.000")
    assert only("is_new", False) == (False, "False")  # noqa: FBT003 - it is the value


class Normalized(Importer):
    """Things whose name is made of two values."""

    model = Thing
    key = ("number",)
    fields = (Field("number"), Field("name"), Field("kind", value="goods"))

    def normalize(self, record: Record) -> Record | None:
        if record["number"] == "0":
            return None
        if record["brand"] == "?":
            raise ValueError("has no brand")
        return {"number": record["number"], "name": f"{record['brand']} {record['what']}"}


def test_normalize_changes_leaves_out_and_refuses_records() -> None:
    names = ("number", "brand", "what")
    read, line = compiled(Normalized(), names), compiled_lines(Normalized(), names)
    assert read(["1", "Acme", "Milk"]) == (1, "Acme Milk", "goods")
    assert line(["1", "Acme", "Milk"]) == "1\tAcme Milk\tgoods"
    assert read(["0", "Acme", "Milk"]) is None
    assert line(["0", "Acme", "Milk"]) is None
    with pytest.raises(FieldProblem, match=r"^has no brand$"):
        line(["1", "?", "Milk"])
    with pytest.raises(FieldProblem, match="KeyError: 'what'"):
        compiled(Normalized(), names[:2])(["1", "Acme"])


def test_what_does_not_fit_together_is_said_before_a_record_is_read() -> None:
    with pytest.raises(ImportFailed, match=r"no 'price', which is Thing.price") as missing:
        compiled(importer("price"), ["number", "prices"])
    assert missing.value.hint == "did you mean 'prices'?"
    with pytest.raises(ImportFailed, match="Thing has no field nmae") as unknown:
        compiled_lines(importer("nmae"), ["nmae"])
    assert unknown.value.hint == "did you mean 'name'?"
    with pytest.raises(ImportFailed, match=r"Thing.search is computed by the database"):
        compiled(importer("search"), ["search"])
    with pytest.raises(ImportFailed, match=r"Thing.price: 'x' is not a number"):
        compiled(importer(Field("price", value="x")), [])


_ANY = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["0", "-0", "1.5", "1.2345", "-3", "true", "T", "2026-11-22", "2026-02-31", "a\tb", "\\N",
         "a\\", "\r\n", "\0", " 1", "1 ", "1\t", "99999999999", "0.50", "00", "+1", "1_0", "²"]
    ),
)  # fmt: skip


@given(st.lists(_ANY, min_size=10, max_size=10))
def test_lines_and_values_always_mean_the_same(record: list[str]) -> None:
    one = importer(*NAMES)
    try:
        values = compiled(one, NAMES)(record)
    except FieldProblem as problem:
        with pytest.raises(FieldProblem, match=re.escape(str(problem))):
            compiled_lines(one, NAMES)(record)
        return
    line = compiled_lines(one, NAMES)(record)
    assert values is not None
    assert line is not None
    written = line.split("\t")
    assert len(written) == len(record)
    again = [None if one == "\\N" else _unescaped(one) for one in written]
    assert compiled(one, NAMES)(again) == values
    assert [one == "\\N" for one in written] == [one is None for one in values]
    assert as_line(values).count("\t") == line.count("\t")


def _unescaped(text: str) -> str:
    return (
        text.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r")
        .replace("\0", "\\")
    )  # fmt: skip
