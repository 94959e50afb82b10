# SPDX-License-Identifier: Apache-2.0
"""The heads of a grid's columns: each orders the grid, and says how it is ordered."""

from typing import NamedTuple

from web.grid.cells import css_of
from web.grid.several import Step
from web.grid.subject import Column, Kind
from web.grid.view import View
from web.language import _


class Heading(NamedTuple):
    """The head of one column; with `href` it orders the grid, with `then` it orders further.

    `place` is the column's place in an order by several, counted from 1.
    """

    name: str
    label: str
    css: str
    href: str | None = None
    then: str | None = None
    title: str | None = None
    sorted: str | None = None
    icon: str | None = None
    place: int | None = None
    is_unseen: bool = False


def headings(view: View) -> list[Heading]:
    """Give the head of every column that is shown."""
    return [_heading(view, column) for column in view.columns]


def sorted_by(view: View) -> str:
    """Say in which order the rows are, such as "name, A to Z"."""
    return "; ".join(
        _("{label}, {direction}").format(
            label=_(view.offered[step.name].label).lower(),
            direction=direction(view.offered[step.name], downward=step.descending),
        )
        for step in view.steps
        if step.name in view.offered
    )


def direction(column: Column, *, downward: bool) -> str:
    """Say in people's words which way a column is ordered."""
    match column.kind:
        case Kind.TIME | Kind.DAY | Kind.DATE:
            return _("newest first") if downward else _("oldest first")
        case Kind.MONEY | Kind.QUANTITY:
            return _("greatest first") if downward else _("smallest first")
        case Kind.FLAG:
            return _("yes first") if downward else _("no first")
    return _("Z to A") if downward else _("A to Z")


def _heading(view: View, column: Column) -> Heading:
    label, css = _(column.label), css_of(column)
    if column.order is None:
        return Heading(column.name, label, css, is_unseen=column.kind is Kind.FLAG)
    place, step = _step(view, column)
    downward = not step.descending if step else column.order.best_first
    word = ("-" if downward else "") + column.name
    title = _("Order by {label}, {direction}").format(
        label=label.lower(), direction=direction(column, downward=downward)
    )
    further = [("-" if s.descending else "") + s.name for s in view.steps if s.name != column.name]
    return Heading(
        column.name,
        label,
        css,
        href=view.link_with({"sort": word}),
        then=view.link_with({"sort": ",".join([*further, word])}),
        title=title,
        sorted=("descending" if step.descending else "ascending") if step else None,
        icon=("down" if step.descending else "up") if step else None,
        place=place if step and len(view.steps) > 1 else None,
    )


def _step(view: View, column: Column) -> tuple[int, Step | None]:
    for place, step in enumerate(view.steps, 1):
        if step.name == column.name:
            return place, step
    return 0, None
