# SPDX-License-Identifier: Apache-2.0
"""Tables cut by time into partitions: made ahead, detached, dropped.

A table that grows for ever is cut by one of its columns into days or months (UTC). Each has
a DEFAULT partition as well, so that no row is refused: neither a late one nor one that a
wrong clock made. When the partition of a period is made, the rows that wait for it in
DEFAULT move there.

A `Partitions` value stands in the `info` of its table (`info={"partitions": ...}`), where
`partitions_of` finds it. Functions that change something run in the caller's transaction,
as the owner of the database. What they do to one period is in poser.db.leaves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection, MetaData, text

from poser.db import leaves
from poser.db.leaves import ARCHIVE, Leaf

_RANGE = re.compile(r"FROM \('?([^')]+)'?\) TO \('?([^')]+)'?\)")
_DECEMBER = 12
_BOUNDS = """
SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass(:table)
"""
_ARCHIVED = f"""
SELECT starts, ends, folder FROM {ARCHIVE}.periods WHERE table_name = :table ORDER BY starts
"""  # noqa: S608 - our own names


class Unit(StrEnum):
    """How long a period is; days and months begin at midnight UTC."""

    DAY = "day"
    MONTH = "month"

    def start(self, day: date) -> date:
        """Give the first day of the period that `day` is in."""
        return day.replace(day=1) if self is Unit.MONTH else day

    def next(self, start: date) -> date:
        """Give the first day of the period after the one that begins with `start`."""
        if self is Unit.DAY:
            return start + timedelta(days=1)
        year = start.year + start.month // _DECEMBER
        return date(year, start.month % _DECEMBER + 1, 1)

    def suffix(self, start: date) -> str:
        """Give the end of the name of a partition, such as _2026_11 or _2026_11_22."""
        words = start.isoformat().split("-")
        return "_" + "_".join(words[:2] if self is Unit.MONTH else words)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """A day or a month, from `start` up to and without `end`."""

    start: date
    end: date

    def __str__(self) -> str:
        is_day = self.end - self.start == timedelta(days=1)
        day = self.start.isoformat()
        return day if is_day else day[:7]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table whose rows belong to rows of another, and are cut along with it.

    The foreign key from `columns` to `target` of the main table stands between the two
    partitions of a period, so it is checked in small tables, and a period can be detached
    whole. Updates of the target and deletions cascade.
    """

    table: str
    columns: tuple[str, ...]
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    """How a table is cut: by which column (date or timestamptz), and how far ahead.

    `ahead` periods after the present one are made before they begin. `parts` are cut by a
    column of the same name. A column that is an integer counts the seconds since midnight UTC
    of the day `since`.
    """

    table: str
    column: str
    unit: Unit
    ahead: int
    parts: tuple[Part, ...] = ()
    since: date | None = None

    def period(self, day: date) -> Period:
        """Give the period that a day is in."""
        start = self.unit.start(day)
        return Period(start=start, end=self.unit.next(start))

    def leaves(self, period: Period) -> tuple[Leaf, ...]:
        """Describe the partitions of a period: the table's own, then those of its parts."""
        return self._leaves(self.unit.suffix(period.start), period)

    def defaults(self) -> tuple[Leaf, ...]:
        """Describe the DEFAULT partitions: the table's own, then those of its parts."""
        return self._leaves("_default", None)

    def bound(self, literal: str) -> date:
        """Read the day out of a bound as PostgreSQL shows it."""
        if self.since:
            return self.since + timedelta(seconds=int(literal))
        return date.fromisoformat(literal[:10])

    @property
    def day(self) -> str:
        """The day that a row lies in, in SQL."""
        if self.since:
            return f"(date '{self.since}' + floor({self.column} / 86400.0)::integer)"
        return f"{self.column}::date"

    def _leaves(self, suffix: str, period: Period | None) -> tuple[Leaf, ...]:
        bounds = (period.start, period.end) if period else None
        make_leaf = partial(Leaf, column=self.column, bounds=bounds, since=self.since)
        main = make_leaf(name=self.table + suffix, table=self.table)
        parts = (
            make_leaf(
                name=part.table + suffix,
                table=part.table,
                foreign_key=(part.columns, main.name, part.target),
            )
            for part in self.parts
        )
        return (main, *parts)


def partitions_of(metadata: MetaData) -> tuple[Partitions, ...]:
    """Find how the tables of a model are cut; each table and its parts once."""
    return tuple(t.info["partitions"] for t in metadata.sorted_tables if "partitions" in t.info)


def periods(connection: Connection, partitions: Partitions) -> list[Period]:
    """List the periods that have partitions now, oldest first."""
    _think_in_utc(connection)
    bounds = connection.execute(text(_BOUNDS), {"table": partitions.table}).scalars()
    found = (_RANGE.search(bound) for bound in bounds)
    return sorted(
        Period(start=partitions.bound(match[1]), end=partitions.bound(match[2]))
        for match in found
        if match
    )


def waiting(connection: Connection, partitions: Partitions) -> dict[Period, int]:
    """Count the rows in DEFAULT by the period they belong to; parts are not counted."""
    _think_in_utc(connection)
    statement = f"SELECT {partitions.day}, count(*) FROM {partitions.table}_default GROUP BY 1"  # noqa: S608 - our own names
    found: dict[Period, int] = {}
    for day, count in connection.execute(text(statement)):
        period = partitions.period(day)
        found[period] = found.get(period, 0) + count
    return dict(sorted(found.items()))


def missing(
    connection: Connection, partitions: Partitions, now: datetime, *, since: date | None = None
) -> list[Period]:
    """List the periods that should have partitions and have none, oldest first.

    These are the present one and those ahead, those back to `since`, and past ones whose
    rows wait in DEFAULT. Rows from further ahead wait on: a clock has jumped. A period that
    is in the archive is not made anew.
    """
    present = partitions.period(now.date())
    wanted = set(_between(partitions, partitions.period(since) if since else present, present))
    after = present
    for _ in range(partitions.ahead):
        after = partitions.period(after.end)
        wanted.add(after)
    wanted.update(period for period in waiting(connection, partitions) if period <= present)
    wanted.difference_update(periods(connection, partitions))
    return sorted(wanted.difference(archived(connection, partitions)))


def archived(connection: Connection, partitions: Partitions) -> dict[Period, str]:
    """List the periods in the archive, oldest first, with the folder of their files or ""."""
    rows = connection.execute(text(_ARCHIVED), {"table": partitions.table})
    return {Period(start=start, end=end): folder for start, end, folder in rows}


def make_ahead(
    connection: Connection, partitions: Partitions, now: datetime, *, since: date | None = None
) -> list[Period]:
    """Make the partitions that are `missing` and return their periods."""
    todo = missing(connection, partitions, now, since=since)
    for period in todo:
        make(connection, partitions, period)
    return todo


def make(connection: Connection, partitions: Partitions, period: Period) -> int:
    """Make the partitions of one period; returns how many rows moved there from DEFAULT.

    Whoever works with rows in DEFAULT waits meanwhile.
    """
    _think_in_utc(connection)
    made = partitions.leaves(period)
    leaves.lock(connection, partitions.defaults())
    leaves.create(connection, made)
    moved = leaves.move(connection, partitions.defaults(), made)
    leaves.attach(connection, made)
    return moved


def before(connection: Connection, partitions: Partitions, day: date) -> list[Period]:
    """List the periods with partitions that end on `day` or earlier, oldest first."""
    return [period for period in periods(connection, partitions) if period.end <= day]


def detach_before(connection: Connection, partitions: Partitions, day: date) -> list[Period]:
    """Move the partitions of all periods that end by `day` to the archive; returns them."""
    todo = before(connection, partitions, day)
    for period in todo:
        leaves.archive(connection, partitions.leaves(period))
    return todo


def drop_before(connection: Connection, partitions: Partitions, day: date) -> list[Period]:
    """Drop the partitions of all periods that end by `day`, with their rows; returns them."""
    todo = before(connection, partitions, day)
    for period in todo:
        leaves.drop(connection, partitions.leaves(period))
    return todo


def _between(partitions: Partitions, first: Period, last: Period) -> Iterator[Period]:
    while first <= last:
        yield first
        first = partitions.period(first.end)


def _think_in_utc(connection: Connection) -> None:
    """Have days begin at midnight UTC, and bounds shown so, until this transaction ends."""
    connection.execute(text("SET LOCAL timezone = 'UTC'"))
