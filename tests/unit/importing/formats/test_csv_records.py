# SPDX-License-Identifier: Apache-2.0
"""Lines in which nothing stands for anything else are cut, and read as CSV all the same."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.importing.formats.csv_records import Records, csv_records
from poser.importing.formats.dialect import Dialect
from poser.importing.formats.text_lines import Lines
from poser.importing.source import Bad

DIALECTS = [
    Dialect(),
    Dialect(delimiter=";"),
    Dialect(quote="'"),
    Dialect(backslash=True),
    Dialect(blanks=True),
]
LINE = st.text(alphabet="ab,;\"'\\\r \t", max_size=12)


def parsed(texts: list[str], dialect: Dialect) -> list[list[str]] | None:
    """Parse lines as the standard library does; None where it finds them wrong."""
    try:
        return list(csv.reader(texts, **dialect.arguments()))
    except csv.Error:
        return None


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@given(texts=st.lists(LINE, min_size=1, max_size=5))
def test_every_line_is_read_as_the_standard_library_reads_it(
    dialect: Dialect, texts: list[str]
) -> None:
    expected = parsed(texts, dialect)
    found = list(csv_records([Lines(1, texts)], dialect))
    if expected is None or len(expected) != len(texts):
        return  # read with care, record by record
    assert found == [Records(range(1, len(texts) + 1), expected)]


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        (["1,a", "", "2,,"], [["1", "a"], [], ["2", "", ""]]),
        (["1,a\r", "\r", "2,b"], [["1", "a"], [], ["2", "b"]]),
        (["1,it's", "2, b"], [["1", "it's"], ["2", " b"]]),
    ],
)
def test_lines_are_cut_at_what_stands_between_values(
    texts: list[str], rows: list[list[str]]
) -> None:
    assert list(csv_records([Lines(1, texts)], Dialect())) == [
        Records(range(1, len(texts) + 1), rows)
    ]


def test_a_carriage_return_inside_a_line_is_still_refused() -> None:
    good, bad = csv_records([Lines(1, ["1,a", "2,b\rc"])], Dialect())
    assert isinstance(good, Records)
    assert good.rows == [["1", "a"]]
    assert isinstance(bad, Bad)
    assert "carriage return" in bad.reason
