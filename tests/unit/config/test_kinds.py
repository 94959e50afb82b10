# SPDX-License-Identifier: Apache-2.0
"""What a setting can be: types, how they are written, and what is refused."""

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    characters,
    dates,
    floats,
    integers,
    lists,
    one_of,
    sampled_from,
    text,
    timedeltas,
    tuples,
)

from poser.config import Setting
from poser.config.declared import declarations
from poser.config.kinds import kind_of


class Color(StrEnum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        (int, "-12", -12),
        (int, "+7", 7),
        (float, "1e3", 1000.0),
        (float, ".5", 0.5),
        (bool, "ON", True),
        (bool, "no", False),
        (date, "2026-12-31", date(2026, 12, 31)),
        (timedelta, "90 s", timedelta(seconds=90)),
        (timedelta, "1 h 30min", timedelta(minutes=90)),
        (timedelta, "0.5 d", timedelta(hours=12)),
        (timedelta, "250 ms", timedelta(milliseconds=250)),
        (ZoneInfo, "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        (tuple[str, ...], "a, b\n c,,", ("a", "b", "c")),
        (tuple[str, ...], "", ()),
        (Color, "blue", Color.BLUE),
        (Path, "a/b", Path("a/b")),
    ],
)
def test_each_kind_is_read_as_people_write_it(kind: Any, words: str, value: object) -> None:  # noqa: ANN401
    assert kind_of(kind).parse(words) == value


@pytest.mark.parametrize(
    ("kind", "words", "wanted"),
    [
        (int, "1_000", "a whole number"),
        (int, "\u0661", "a whole number"),
        (int, "9" * 5000, "a whole number"),
        (float, "1e999", "not that large"),
        (int, "1.0", "a whole number"),
        (float, "nan", "a number"),
        (float, "inf", "a number"),
        (bool, "1", "yes or no"),
        (date, "31.12.2026", "a date such as"),
        (timedelta, "90", "a length of time"),
        (timedelta, "90 sheep", "a length of time"),
        (timedelta, "x 90 s", "a length of time"),
        (timedelta, "99999999999999 d", "a length of time"),
        (ZoneInfo, "Mars/Olympus", "a time zone"),
        (ZoneInfo, "../etc/passwd", "a time zone"),
        (ZoneInfo, "Europe", "a time zone"),
        (ZoneInfo, "", "a time zone"),
        (Color, "green", "one of red, blue"),
    ],
)
def test_what_is_none_is_refused_with_what_is_wanted(kind: Any, words: str, wanted: str) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=wanted):
        kind_of(kind).parse(words)


WORDS = text(alphabet=characters(exclude_categories=["C", "Z"], exclude_characters=","), min_size=1)
VALUES: SearchStrategy[tuple[Any, Any]] = one_of(
    integers().map(lambda value: (int, value)),
    floats(allow_nan=False, allow_infinity=False).map(lambda value: (float, value)),
    booleans().map(lambda value: (bool, value)),
    dates().map(lambda value: (date, value)),
    timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)).map(
        lambda value: (timedelta, value - timedelta(microseconds=value.microseconds % 1000))
    ),
    sampled_from(list(Color)).map(lambda value: (Color, value)),
    lists(WORDS).map(lambda value: (tuple[str, ...], tuple(value))),
    tuples(WORDS).map(lambda value: (str, value[0])),
)


@given(VALUES)
def test_a_value_that_is_written_is_read_back_the_same(pair: tuple[Any, Any]) -> None:
    kind = kind_of(pair[0])
    assert kind.parse(kind.text(pair[1])) == pair[1]


def test_a_type_without_a_way_is_refused_where_it_is_declared() -> None:
    with pytest.raises(ValueError, match="cannot be a"):
        Setting("test.x", bytes, doc="d")


def test_every_default_is_a_value_that_a_file_could_have() -> None:
    wrong = []
    for setting in declarations():
        default = setting.value_of_default()
        if default is not None:
            again = setting.kind.parse(setting.kind.text(default))
            if again != default or not setting._is_within(default):
                wrong.append(setting.name)
    assert wrong == []
