# SPDX-License-Identifier: Apache-2.0
"""Numbers, days and times are read as a source writes them, and nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from poser.errors import ImportFailed
from poser.importing.shaping import day, moment, number, one_of, trimmed


@pytest.mark.parametrize(
    ("example", "text", "kept"),
    [
        ("1.234,56", "1.234.567,89", "1234567.89"),
        ("1.234,56", "-12,5", "-12.5"),
        ("1.234,56", "1234567", "1234567"),
        ("1,234.56", "1,234", "1234"),
        ("1 234,56", " 1 234,5 ", "1234.5"),
        ("1'234.56", "+1'234.50", "+1234.50"),
        ("1234,56", "0,5", "0.5"),
    ],
)
def test_numbers_are_read_as_the_example_is_written(example: str, text: str, kept: str) -> None:
    assert number(example)(text) == kept


@pytest.mark.parametrize(
    ("example", "text"),
    [
        ("1.234,56", "1,234.56"),
        ("1.234,56", "12.34"),
        ("1.234,56", "1.2345"),
        ("1,234.56", "1,23"),
        ("1234,56", "1.234,56"),
        ("1.234,56", "12 EUR"),
    ],
)
def test_numbers_written_otherwise_are_refused(example: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"is not a number such as {example}"):
        number(example)(text)


def test_what_is_a_number_already_or_nothing_stays() -> None:
    assert number("1.234,56")(Decimal("1.5")) == Decimal("1.5")
    assert number("1.234,56")(" ") is None


@pytest.mark.parametrize("example", ["12", "1234", "abc", "1.234.56", "1,234,5", "1.23,4"])
def test_an_example_has_to_show_how_numbers_are_written(example: str) -> None:
    with pytest.raises(ImportFailed, match="does not show how numbers are written"):
        number(example)


def test_days_are_read_in_three_formats_and_no_other() -> None:
    read = day("DD.MM.YYYY", "YYYYMMDD")
    expected = date(2026, 2, 3)
    assert [read(text) for text in ("2026-02-03", "3.2.2026", "03.02.2026", "20260203")] == [
        expected
    ] * 4
    assert read("") is None
    assert read(expected) == expected
    with pytest.raises(ValueError, match=r"is not a day written as DD.MM.YYYY or YYYYMMDD"):
        read("02/03/2026")
    with pytest.raises(ValueError, match="is a day that there is not"):
        read("30.02.2026")


@pytest.mark.parametrize("pattern", ["DD.MM", "DD.MM/YYYY", "DD.DD.YYYY", "%d"])
def test_a_pattern_has_to_show_how_days_are_written(pattern: str) -> None:
    with pytest.raises(ImportFailed, match="does not show how days are written"):
        day(pattern)


def test_times_without_a_zone_get_that_of_their_place() -> None:
    read = moment("America/Chicago", "MM/DD/YYYY")
    noon = datetime(2026, 1, 2, 18, tzinfo=UTC)
    for value in ("2026-01-02T12:00:00", "01/02/2026 12:00", "1/2/2026 12:00:00", noon):
        assert read(value) == noon
    assert read("2026-01-02T12:00:00+00:00") == datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert read(date(2026, 1, 2)) == datetime(2026, 1, 2, 6, tzinfo=UTC)
    assert read("01/02/2026") == datetime(2026, 1, 2, 6, tzinfo=UTC)
    assert read(None) is None


def test_times_that_clocks_skip_are_refused_and_the_first_of_two_is_taken() -> None:
    read = moment("America/Chicago")
    with pytest.raises(ValueError, match="the clocks of America/Chicago skip"):
        read("2026-03-08T02:30:00")
    assert read("2026-11-01T01:30:00") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="is not a time written as YYYY-MM-DD HH:MM"):
        read("noon")
    with pytest.raises(ValueError, match="is a time that there is not"):
        moment("UTC", "DD.MM.YYYY")("01.02.2026 25:00")


def test_a_zone_that_there_is_not_is_said() -> None:
    with pytest.raises(ImportFailed, match="there is no time zone 'Chicago'"):
        moment("Chicago")


def test_words_are_put_for_others_and_blanks_are_taken_off() -> None:
    read = one_of({"Y": True, "N": False, "": False})
    assert [read(" Y "), read("N"), read(""), read(None)] == [True, False, False, False]
    with pytest.raises(ValueError, match="is none of Y, N"):
        read("X")
    assert (trimmed(" a "), trimmed(7)) == ("a", 7)
