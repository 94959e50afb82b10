# SPDX-License-Identifier: Apache-2.0
"""Small things: addresses, numbers, times and barcodes."""

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from poser.gtin import check_digit
from web.barcode import ean13
from web.formats import about, moment, money, plural, quantity
from web.urls import is_local, next_path, safe_url, with_query


@given(st.text())
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("\x01javascript:alert(1)")
def test_a_local_path_never_leaves_the_site(url: str) -> None:
    if is_local(url):
        joined = urlsplit(urljoin("https://store-1.example/a/b", url))
        assert (joined.scheme, joined.netloc) == ("https", "store-1.example")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:x", " javascript:x", "java\nscript:x", "data:text/html,x",
     "vbscript:x", "//evil.example", "http:x", "products"],
)  # fmt: skip
def test_an_unsafe_address_leads_nowhere(url: str) -> None:
    assert safe_url(url) == "#"


@pytest.mark.parametrize(
    "url", ["/products?q=1", "#main", "?q=1", "https://example.com/", "mailto:a@example.com", None]
)
def test_a_safe_address_is_passed_on(url: str | None) -> None:
    assert safe_url(url) == url


def test_nowhere_to_go_is_home() -> None:
    assert [next_path(each) for each in (None, "", "x", "/x")] == ["/", "/", "/", "/x"]


def test_empty_parameters_stay_out_of_an_address() -> None:
    assert with_query("/p", [("a", ""), ("b", "1 & 2")]) == "/p?b=1+%26+2"
    assert with_query("/p", [("a", "")]) == "/p"


@pytest.mark.parametrize(
    ("amount", "written"),
    [("1234.5", "1,234.50"), ("0", "0.00"), ("-3", "-3.00"), ("0.105", "0.105"), ("2.990", "2.99"),
     ("1000000", "1,000,000.00"), ("99.999", "99.999")],
)  # fmt: skip
def test_money_has_cents_and_a_third_place_only_if_needed(amount: str, written: str) -> None:
    assert money(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [("1.0000", "1"), ("0.42", "0.42"), ("100", "100"), ("-2", "-2"), ("1234.5", "1,234.5")],
)
def test_quantities_have_no_needless_zeros(value: str, written: str) -> None:
    assert quantity(Decimal(value)) == written
    assert money(None) == quantity(None) == ""


@pytest.mark.parametrize(
    ("number", "written"),
    [(999_871, "about 1,000,000"), (20_213, "about 20,200"), (5_001, "about 5,000")],
)
def test_estimates_pretend_no_precision(number: int, written: str) -> None:
    assert about(number) == written


def test_one_is_singular() -> None:
    assert plural(1, "sale", "sales") == "1 sale"
    assert plural(1200, "sale", "sales") == "1,200 sales"


def test_times_are_shown_in_the_zone_of_the_node() -> None:
    shown = moment(datetime(2026, 7, 1, 4, 30, tzinfo=UTC), ZoneInfo("America/Chicago"))
    assert shown == ("2026-06-30T23:30:00-05:00", "2026-06-30 23:30")
    assert moment(None, ZoneInfo("UTC")) is None


def test_a_barcode_is_drawn_as_the_standard_says() -> None:
    picture = ean13(5901234123457)
    assert picture
    bars = {int(stroke.split(".")[0]) for stroke in picture.path.split("M")[1:]}
    drawn = "".join("1" if 11 + at in bars else "0" for at in range(95))
    assert drawn == (
        "10100010110100111011001100100110111101001110101010110011011011001000010101110010011101000100101"
    )
    assert picture.width == 95 + 11 + 7


@given(st.integers(1, 10**12 - 1))
def test_every_number_has_thirty_dark_strips(number: int) -> None:
    digits = str(number).zfill(12)
    picture = ean13(int(digits + str(check_digit(digits))))
    assert picture
    bars = {int(stroke.split(".")[0]) for stroke in picture.path.split("M")[1:]}
    assert sum(bar - 1 not in bars for bar in bars) == 30


@pytest.mark.parametrize("number", [5901234123458, 10**13, 0 + 7])
def test_a_number_that_is_no_such_code_is_not_drawn(number: int) -> None:
    assert ean13(number) is None
