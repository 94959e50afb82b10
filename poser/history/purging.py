# SPDX-License-Identifier: Apache-2.0
"""Letting go of old history: whole months are dropped, so it costs next to nothing."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from poser.config import Setting
from poser.db.partitions import before, drop_before
from poser.model.history import PARTITIONS

KEEP_MONTHS = Setting(
    "history.keep_months",
    int,
    default=84,
    low=1,
    doc="How many months of history `poser db purge` keeps, besides the present one.",
    restart=False,
)
_LATE = text("DELETE FROM versions_default WHERE at < :day")
# A transaction can have versions in the month after the one in which it began.
_AUTHORS = text("DELETE FROM history_transactions WHERE at < :day - interval '2 days'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was dropped: months (such as 2019-04), and transactions that made them."""

    months: tuple[str, ...]
    transactions: int


def first_day_kept(today: date, keep_months: int) -> date:
    """Give the first day of the oldest month that is kept, besides the present one."""
    months = today.year * 12 + today.month - 1 - keep_months
    return date(months // 12, months % 12 + 1, 1)


def purgeable(connection: Connection, day: date) -> list[str]:
    """Name the months that `purge` would drop."""
    return [str(period) for period in before(connection, PARTITIONS, day)]


def purge(connection: Connection, day: date) -> Purged:
    """Drop all versions of months that end by `day` (the first of a month), for good.

    Needs the owner of the database. What is left of younger records is whole: their state
    at any moment since is worked out from later versions.
    """
    months = drop_before(connection, PARTITIONS, day)
    connection.execute(_LATE, {"day": day})
    gone = connection.execute(_AUTHORS, {"day": day}).rowcount
    return Purged(months=tuple(str(period) for period in months), transactions=gone)
