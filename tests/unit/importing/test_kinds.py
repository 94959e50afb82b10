# SPDX-License-Identifier: Apache-2.0
"""Kinds of columns take what is clear, and refuse the rest with a reason."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.dialects.postgresql import DATERANGE, HSTORE, INET, JSONB, TSTZRANGE, Range
from sqlalchemy.types import TypeEngine

import poser.model
from poser.db.base import Model
from poser.errors import ImportFailed
from poser.importing.kinds import LONGEST, kind_of

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
MOMENT = DateTime(timezone=True)
CENTRAL = timezone(timedelta(hours=-6))


def read(column_type: TypeEngine[Any], value: object) -> object:
    return kind_of(Table("t", MetaData(), Column("c", column_type)).c.c).read(value)


@pytest.mark.parametrize(
    ("column_type", "value", "kept"),
    [
        (Text(), "Café, 12 oz", "Café, 12 oz"),
        (Text(), " with blanks ", " with blanks "),
        (Text(), 12, "12"),
        (Text(), 4011.0, "4011"),
        (Text(), 12345678901234.0, "12345678901234"),
        (Text(), Decimal("1E+3"), "1000"),
        (Text(), True, "true"),
        (Text(), date(2026, 11, 22), "2026-11-22"),
        (String(3), "abc", "abc"),
        (Enum("red", "green", name="colour"), "red", "red"),
        (Numeric(12, 3), "1234.5", Decimal("1234.500")),
        (Numeric(12, 3), " +.5 ", Decimal("0.500")),
        (Numeric(12, 3), "2.500000", Decimal("2.500")),
        (Numeric(12, 3), 0.1 + 0.2, Decimal("0.300")),
        (Numeric(12, 3), "-999999999.999", Decimal("-999999999.999")),
        (Numeric(), "1.23456789", Decimal("1.23456789")),
        (Float(), "1.5e3", 1500.0),
        (Integer(), "007", 7),
        (Integer(), "12.0", 12),
        (Integer(), 12.0, 12),
        (SmallInteger(), "-32768", -32768),
        (BigInteger(), "9223372036854775807", 2**63 - 1),
        (Boolean(), "Yes", True),
        (Boolean(), 0, False),
        (Boolean(), " F ", False),
        (Date(), "2024-02-29", date(2024, 2, 29)),
        (Date(), datetime(2026, 11, 22, tzinfo=UTC), date(2026, 11, 22)),
        (Date(), "2026-11-22T00:00:00", date(2026, 11, 22)),
        (MOMENT, "2026-11-22T18:30:00-06:00", datetime(2026, 11, 23, 0, 30, tzinfo=UTC)),
        (MOMENT, "2026-11-22 18:30Z", datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
        (Time(), "18:30", time(18, 30)),
        (Uuid(), ID.upper(), UUID(ID)),
        (JSONB(), '{"a": 1.50}', '{"a": 1.5}'),
        (JSONB(), ["é"], '["é"]'),
        (INET(), "10.0.0.1", "10.0.0.1"),
        (INET(), "10.0.0.0/8", "10.0.0.0/8"),
        (LargeBinary(), r"\xCAfe", r"\xcafe"),
        (LargeBinary(), b"\0\1", r"\x0001"),
        (ARRAY(Text()), ["a", 'b"\\', None], r'{"a","b\"\\",NULL}'),
        (ARRAY(Text()), '["a, b"]', '{"a, b"}'),
        (ARRAY(Text()), '{one,"two, three"}', '{"one","two, three"}'),
        (ARRAY(Integer()), "{1,2}", '{"1","2"}'),
        (DATERANGE(), "[2026-01-01,2026-02-01)", '["2026-01-01","2026-02-01")'),
        (DATERANGE(), "[2026-01-01,)", '["2026-01-01",)'),
        (DATERANGE(), Range(date(2026, 1, 1), None), '["2026-01-01",)'),
        (
            TSTZRANGE(),
            '["2026-01-01 00:00:00+00",infinity)',
            '["2026-01-01 00:00:00+00:00",)',
        ),
    ],
)
def test_what_is_clear_is_taken(column_type: TypeEngine[Any], value: object, kept: object) -> None:
    found = read(column_type, value)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("column_type", "value", "reason"),
    [
        (Text(), "a\0b", "has a NUL character, which no text in the database can have"),
        (Text(), "\ud800", "half a character"),
        (Text(), "x" * (LONGEST + 1), "is longer than 1,048,576 characters"),
        (Text(), {"a": 1}, "is an object, not a text"),
        (Text(), b"abc", "is bytes, not a text"),
        (String(3), "abcd", "is longer than 3 characters"),
        (Enum("red", "green", name="colour"), "blue", "is none of green, red"),
        (Numeric(12, 3), "1,234", "has separators, which mean different numbers"),
        (Numeric(12, 3), "1.234,56", "has separators"),
        (Numeric(12, 3), "1 234.56", "has separators"),
        (Numeric(12, 3), "12 USD", "is not a number such as 1234.56"),
        (Numeric(12, 3), "$12", "is not a number"),
        (Numeric(12, 3), "1e3", "is not a number"),
        (Numeric(12, 3), "٣", "is not a number"),
        (Numeric(12, 3), "NaN", "is not a number"),
        (Numeric(12, 3), Decimal("NaN"), "is not a number"),
        (Numeric(12, 3), float("inf"), "is not a number"),
        (Numeric(12, 3), True, "is yes or no, not a number"),
        (Numeric(12, 3), "1.2345", "has more than 3 decimal places"),
        (Numeric(12, 3), "1000000000", "has more than 9 digits before the point"),
        (Numeric(12, 3), "9" * 150, "has more than 9 digits before the point"),
        (Numeric(12, 3), Decimal("1E+999999"), "has more than 9 digits before the point"),
        (SmallInteger(), "32768", "is not between -32768 and 32767"),
        (Integer(), Decimal("1E+999999"), "is not between"),
        (Integer(), "1.5", "is not a whole number"),
        (Boolean(), "maybe", "is neither yes nor no"),
        (Boolean(), 2, "is neither yes nor no"),
        (Date(), "2026-02-30", "is not a day such as 2026-11-22"),
        (Date(), "22.11.2026", "other orders mean different days in different countries"),
        (Date(), "11/22/2026", "other orders mean different days"),
        (Date(), "2026-11-22T10:00:00", "has a time, where a day is wanted"),
        (MOMENT, "2026-11-22T18:30:00", "has no time zone"),
        (MOMENT, date(2026, 11, 22), "is a day without a time"),
        (MOMENT, "0001-01-01T00:00:00+14:00", "is beyond the years that are known"),
        (Uuid(), "12", "is not an id"),
        (JSONB(), "{a}", "is not JSON"),
        (JSONB(), "NaN", "is not JSON"),
        (JSONB(), '"\\u0000"', "has a character that no text"),
        (INET(), "10.0.0.300", "is not an IP address"),
        (LargeBinary(), "abc", "is not an even number of hexadecimal digits"),
        (ARRAY(Text()), "one", "is not a list"),
        (ARRAY(Integer()), '["x"]', "is not a number"),
        (DATERANGE(), "2026-01-01", "is not a range"),
        (DATERANGE(), "[2026-02-01,2026-01-01)", "ends before it begins"),
        (DATERANGE(), "empty", "is an empty range"),
    ],
)
def test_what_is_wrong_or_unclear_is_refused(
    column_type: TypeEngine[Any], value: object, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read(column_type, value)


def test_a_type_that_no_importer_reads_is_named() -> None:
    with pytest.raises(ImportFailed, match=r"t\.c is of type HSTORE"):
        read(HSTORE(), "a=>b")


def test_every_column_of_every_model_has_a_kind_but_what_only_the_history_has() -> None:
    assert poser.model.__name__
    unknown = set()
    for table in Model.metadata.tables.values():
        for column in table.columns:
            try:
                kind_of(column)
            except ImportFailed:
                unknown.add(str(column))
    assert unknown <= {"versions.old", "versions.new"}
