# SPDX-License-Identifier: Apache-2.0
"""The views of lists that somebody pinned to the first page, each with how much it has."""

import logging
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl

from sqlalchemy.exc import DBAPIError

from poser.errors import Unavailable
from web.grid.filters import BadQuery
from web.grid.named import Named, pinned_views
from web.grid.reader import reader_of
from web.grid.subject import Subject
from web.grid.view import View, read_view
from web.language import _, several
from web.visits import Visit

log = logging.getLogger(__name__)

MOST = 12


class Pinned(NamedTuple):
    """One pinned view: its name, of what it is, and how many it has, in words."""

    path: str
    icon: str
    name: str
    large: str
    small: str


def pinned(here: Visit, subjects: Iterable[Subject]) -> list[Pinned]:
    """Read the pinned views of this visitor, of those lists that they may see."""
    known = {each.path: each for each in subjects if here.visitor.may(each.permission)}
    views = [view for view in pinned_views(here.read(), here.visitor) if view.grid in known]
    return [_counted(here, known[view.grid], view) for view in views[:MOST]]


def _counted(here: Visit, subject: Subject, named: Named) -> Pinned:
    """Count what a view has; one that cannot be counted is there all the same."""
    large, number = _("not available"), 2
    try:
        view = _view(here, subject, named)
        session = here.read(subject.database)
        with session.begin_nested():
            found = here.site.counts.count(session, subject.table, view.conditions())
        large = str(found)
        number = 1 if found.is_exact and found.number == 1 else 2
    except (BadQuery, Unavailable, DBAPIError) as error:
        log.warning("pinned view not counted", extra={"view": named.name, "reason": str(error)})
    small = several(number, subject.one, subject.many)
    return Pinned(named.address, subject.icon, named.name, large, small)


def _view(here: Visit, subject: Subject, named: Named) -> View:
    given: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(named.query, keep_blank_values=True):
        before = given.get(name)
        if before is None:
            given[name] = value
        else:
            given[name] = [*(before if isinstance(before, list) else [before]), value]
    return read_view(subject, given, reader_of(here))
