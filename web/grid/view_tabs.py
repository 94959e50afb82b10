# SPDX-License-Identifier: Apache-2.0
"""What a grid shows of its named views: a tab for each, which one is on, and whether it changed."""

from collections.abc import Sequence
from typing import NamedTuple

from web.grid.named import Named, current
from web.grid.view import View
from web.language import _
from web.urls import with_query
from web.visits import Visitor


class Tab(NamedTuple):
    """One named view above the grid; `whose` says for whom it is, in words."""

    name: str
    href: str
    whose: str
    is_on: bool


class ViewTabs(NamedTuple):
    """The tabs; `path` is where what is shown is kept as the view that is on, if it changed.

    `page` is where views are named, shared and deleted.
    """

    tabs: Sequence[Tab]
    on: Named | None
    path: str
    query: str
    is_modified: bool
    everything: str
    page: str


def view_tabs(visitor: Visitor, view: View, views: Sequence[Named]) -> ViewTabs:
    """Put together what the grid shows of its views."""
    on = current(views, view)
    is_modified = on is not None and _pairs(on.query) != _pairs(view.query)
    may_keep = on is not None and is_modified and on.may_change(visitor)
    grid = view.subject.path
    return ViewTabs(
        tabs=[Tab(each.name, each.address, whose(each), each is on) for each in views],
        on=on,
        path=f"/views/{on.id}" if on and may_keep else "",
        query=view.query,
        is_modified=is_modified,
        everything=with_query(grid, [("view", "none")]),
        page=with_query("/views", [("grid", grid), ("query", view.query), ("view", view.named)]),
    )


def whose(view: Named) -> str:
    """Say for whom a view is."""
    return [_("mine"), _("for a user role"), _("for everybody")][view.rank]


def _pairs(query: str) -> list[str]:
    return sorted(query.split("&"))
