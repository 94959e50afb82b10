# SPDX-License-Identifier: Apache-2.0
"""The records of a CSV file, parsed thousands at a time, with the lines that they begin in.

A record that is no CSV is given as a bad one, and reading goes on in the line after its first:
one quote that never closes costs one record and not the rest of the file.
"""

import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import NamedTuple

from poser.importing.formats.dialect import Dialect
from poser.importing.formats.text_lines import LONGEST_LINE, Lines
from poser.importing.source import Bad

_SHOWN = 80
# The reader's limit is for all of the process, and 128 KiB unless it is set. What is longer than
# a value may be is refused with its field's name, once it is known which field it is.
csv.field_size_limit(2 * LONGEST_LINE)


class Records(NamedTuple):
    """Some records, and the number of the line that each begins in."""

    places: Sequence[int]
    rows: list[list[str]]


class _Waiting(NamedTuple):
    """A record whose last line is not read yet."""

    first: int
    texts: list[str]
    size: int


_NONE = _Waiting(0, [], 0)


def csv_records(blocks: Iterable[Lines | Bad], dialect: Dialect) -> Iterator[Records | Bad]:
    """Parse lines. Empty lines are empty records."""
    waiting = _NONE
    tried = 0
    for block in blocks:
        if isinstance(block, Bad):
            yield from _parsed(waiting, dialect)
            yield block
            waiting = _NONE
            continue
        if not waiting.texts:
            fast = _at_once(block, dialect)
            if fast is not None:
                yield fast
                continue
            waiting = _Waiting(block.first, block.texts, sum(map(len, block.texts)))
        else:
            size = waiting.size + sum(map(len, block.texts))
            waiting = _Waiting(waiting.first, waiting.texts + block.texts, size)
            if size < 2 * tried and size < LONGEST_LINE:
                continue  # a long value is not parsed again for every block
        waiting = yield from _careful(waiting, dialect, is_last=False)
        tried = waiting.size
    yield from _parsed(waiting, dialect)


def _parsed(waiting: _Waiting, dialect: Dialect) -> Iterator[Records | Bad]:
    """Parse what no more lines follow."""
    if waiting.texts:
        yield from _careful(waiting, dialect, is_last=True)


def _at_once(block: Lines, dialect: Dialect) -> Records | None:
    """Parse lines that are a record each; None if they are not."""
    rows = _cut(block.texts, dialect)
    if rows is None:
        try:
            rows = list(csv.reader(block.texts, **dialect.arguments()))
        except csv.Error:
            return None
    if len(rows) != len(block.texts):
        return None
    return Records(range(block.first, block.first + len(rows)), rows)


def _cut(texts: list[str], dialect: Dialect) -> list[list[str]] | None:
    """Cut lines in which nothing stands for anything else, several times faster; else None."""
    whole = "\n".join(texts)
    if dialect.quote in whole or dialect.blanks or (dialect.backslash and "\\" in whole):
        return None
    if "\r" in whole:
        texts = [text.removesuffix("\r") for text in texts]
        if any("\r" in text for text in texts):
            return None
    delimiter = dialect.delimiter
    return [text.split(delimiter) if text else [] for text in texts]


def _careful(
    lines: _Waiting, dialect: Dialect, *, is_last: bool
) -> Generator[Records | Bad, None, _Waiting]:
    """Parse record by record; return the one that waits for more lines."""
    begin = 0
    texts = [f"{text}\n" for text in lines.texts]
    while begin < len(texts):
        some, done, error = _until_error(texts, begin, lines.first, dialect)
        if some.rows:
            yield some
        if error is None:
            break
        begin += done
        if error.is_open and not is_last:
            rest = lines.texts[begin:]
            size = sum(map(len, rest))
            if size <= LONGEST_LINE:
                return _Waiting(lines.first + begin, rest, size)
        yield Bad(lines.first + begin, error.reason, value=lines.texts[begin][:_SHOWN])
        begin += 1
    return _NONE


class _Error(NamedTuple):
    """Why a record cannot be parsed; `is_open`: only because it does not end."""

    reason: str
    is_open: bool


def _until_error(
    texts: list[str], begin: int, first: int, dialect: Dialect
) -> tuple[Records, int, _Error | None]:
    """Parse from a line on; also say how many lines the good records have."""
    some = map(texts.__getitem__, range(begin, len(texts)))
    reader = csv.reader(some, **dialect.arguments())
    places: list[int] = []
    rows: list[list[str]] = []
    done = 0
    try:
        for row in reader:
            places.append(first + begin + done)
            rows.append(row)
            done = reader.line_num
    except csv.Error as error:
        problem = _problem(str(error), first + begin + reader.line_num - 1, dialect)
        return Records(places, rows), done, problem
    return Records(places, rows), done, None


def _problem(said: str, line: int, dialect: Dialect) -> _Error:
    if said == "unexpected end of data":
        return _Error("a quote opens in this record and never closes", is_open=True)
    if "expected after" in said:
        quote = dialect.quote
        reason = (
            f"in line {line} something follows a closing quote; a quote inside a value is"
            f" written twice ({quote * 2}), and one that is open has to be closed"
        )
        return _Error(reason, is_open=False)
    if "new-line" in said:
        return _Error("has a carriage return in a value without quotes", is_open=False)
    return _Error(said, is_open=False)
