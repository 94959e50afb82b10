# SPDX-License-Identifier: Apache-2.0
"""Values as they are typed into forms, and back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.dialects.postgresql import Range

from poser.importing.kinds import FieldProblem
from poser.model import (
    EmailSettings,
    EmploymentPeriod,
    ImportRun,
    Product,
    ProductPrice,
    User,
    Vendor,
)
from web.resources.fields import Field, field_of
from web.resources.numbers import plain_number
from web.resources.typed import normal, read_typed, typed

ZONE = ZoneInfo("America/Chicago")
SUMMER = datetime(2026, 7, 1, 17, 0, 5, tzinfo=UTC)


def field(model: type, name: str) -> Field:
    return field_of(model.__table__.c[name])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("1234.5", "1234.5"), ("1,5", "1.5"), ("-0,25", "-0.25"), ("1,23456", "1.23456"),
        ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1,234,567", "1234567"),
        ("1 234,50", "1234.50"), ("1'234.50", "1234.50"), ("1\u202f234", "1234"),
        ("1,234", "1,234"), ("12,34,56", "12,34,56"), ("1.2.3", "1.2.3"), ("x", "x"), ("", ""),
    ],
)  # fmt: skip
def test_separators_are_read_where_they_mean_one_thing(said: str, plain: str) -> None:
    assert plain_number(said) == plain


def test_a_value_has_one_text_and_the_text_gives_it_back() -> None:
    cases = [
        (field(Vendor, "discount_percent"), Decimal("2.50000"), "2.5"),
        (field(Vendor, "discount_percent"), Decimal("100.00000"), "100"),
        (field(Vendor, "discount_percent"), None, ""),
        (field(Vendor, "order_interval_days"), 14, "14"),
        (field(Vendor, "is_archived"), True, "yes"),
        (
            field(User, "created_at"),
            datetime(2026, 7, 1, 17, 0, 5, tzinfo=UTC),
            "2026-07-01T12:00:05",
        ),
    ]
    for each, value, text in cases:
        assert typed(each, value, ZONE) == text, each.name
        assert read_typed(each, text, ZONE) == value, each.name
        assert normal(each, f" {text} ", ZONE) == text


def test_texts_that_mean_the_same_are_no_change() -> None:
    percent = field(Vendor, "discount_percent")
    assert {normal(percent, said, ZONE) for said in ("2.5", "2,5", " 2.50000 ", "+2.5")} == {"2.5"}
    name = field(Vendor, "name")
    assert normal(name, "  Milk & Co ", ZONE) == "Milk & Co"
    assert normal(percent, "1,234", ZONE) == "1,234", "what cannot be read stays"


def test_spans_of_days_name_their_last_day() -> None:
    each = field(EmploymentPeriod, "valid")
    value = Range(date(2026, 1, 1), date(2026, 2, 1))
    assert typed(each, value, ZONE) == "2026-01-01/2026-01-31"
    assert read_typed(each, "2026-01-01/2026-01-31", ZONE) == '["2026-01-01","2026-02-01")'
    assert normal(each, "2026-01-01/2026-01-31", ZONE) == "2026-01-01/2026-01-31"
    assert normal(each, "2026-01-01/", ZONE) == "2026-01-01/"
    with pytest.raises(FieldProblem, match="ends before it begins"):
        read_typed(each, "2026-02-01/2026-01-01", ZONE)


def test_spans_of_time_are_of_the_zone() -> None:
    valid = field(ProductPrice, "valid")
    value = Range(datetime(2026, 1, 1, 6, tzinfo=UTC), None)
    text = "2026-01-01T00:00:00/"
    assert typed(valid, value, ZONE) == text
    assert normal(valid, "2026-01-01T00:00/", ZONE) == text
    with pytest.raises(FieldProblem, match="ends before it begins"):
        read_typed(valid, "2026-01-01T00:00/2026-01-01T00:00", ZONE)
    with pytest.raises(FieldProblem, match="is needed"):
        read_typed(valid, "/", ZONE)


def test_a_time_that_clocks_leave_out_is_refused() -> None:
    at = field(User, "created_at")
    with pytest.raises(FieldProblem, match="clocks are set forward"):
        read_typed(at, "2026-03-08T02:30", ZONE)
    assert read_typed(at, "2026-03-08T03:30", ZONE) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)


def test_documents_and_lists_are_read_by_their_sense() -> None:
    document = field(ImportRun, "counts")
    assert normal(document, '{"a":1}', ZONE) == '{\n  "a": 1\n}'
    with pytest.raises(FieldProblem, match="is not JSON"):
        read_typed(document, "{a}", ZONE)
    each = field(EmailSettings, "recipients")
    assert normal(each, " one \r\n\r\n two, three ", ZONE) == "one\ntwo, three"
    assert read_typed(each, "one\ntwo, three", ZONE) == '{"one","two, three"}'


def test_a_barcode_is_typed_as_it_is_on_the_package() -> None:
    gtin = field(Product, "gtin")
    assert typed(gtin, 85000000052, ZONE) == "085000000052"
    for text in ("85000000052", "085000000052", "00085000000052"):
        assert normal(gtin, text, ZONE) == "085000000052"
    assert read_typed(gtin, "085000000052", ZONE) == 85000000052
