# SPDX-License-Identifier: Apache-2.0
"""For whom a grid is read, and when: what "me" and "today" mean."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from web.visits import STRANGER, Visit, Visitor

_EARLIEST, _LATEST = date(1, 1, 2), date(9999, 12, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, the day it is for them, and the zone in which their days begin."""

    visitor: Visitor = STRANGER
    today: date
    zone: tzinfo = UTC

    def begins(self, day: date) -> datetime:
        """Give the moment when a day begins."""
        return datetime.combine(min(max(day, _EARLIEST), _LATEST), time(), self.zone)

    def ends(self, day: date) -> datetime:
        """Give the moment when a day is over and the next begins."""
        return self.begins(min(day, _LATEST) + timedelta(days=1))


def reader_of(here: Visit) -> Reader:
    """Give the reader of a request."""
    zone = here.site.zone
    return Reader(visitor=here.visitor, today=here.site.clock().astimezone(zone).date(), zone=zone)
