# SPDX-License-Identifier: Apache-2.0
"""The menu: every page that people start from, grouped by what it is about."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import NamedTuple

from web.language import LANGUAGE, _
from web.markup import Markup
from web.permissions import Need
from web.urls import safe_url
from web.visits import Visitor

_MOST_WRITTEN = 32


class Area(Enum):
    """The groups of the menu, in their order: at most seven."""

    PRODUCTS = "Products"
    BUYING = "Buying"
    SALES = "Sales"
    PEOPLE = "People"
    STOCK = "Stock"
    WORK = "Work"
    SYSTEM = "System"


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One entry of the menu, in its area; `rank` orders them, `need` decides who sees it."""

    path: str
    title: str
    icon: str
    need: Need
    rank: int
    area: str = ""


class Group(NamedTuple):
    """The entries of one area that a visitor may follow."""

    area: str
    items: list[MenuItem]
    is_open: bool


class Menu:
    """Every entry of the menu, in order."""

    def __init__(self, items: Sequence[MenuItem]) -> None:
        order = ["", *(area.value for area in Area)]
        self._items = sorted(items, key=lambda item: (order.index(item.area), item.rank))
        self._written: dict[tuple[object, ...], Markup] = {}

    def for_visitor(self, visitor: Visitor) -> list[MenuItem]:
        """List the entries that this visitor may follow."""
        return [item for item in self._items if visitor.may(item.need)]

    def written(self, visitor: Visitor, place: str, opened: Sequence[str], icons: str) -> Markup:
        """Give the menu as it stands on a page; `icons` is the address of the sprite.

        Seventy entries cost a tenth of a page, so they are kept as they were written for
        somebody of the same rights at the same place.
        """
        rights = None if visitor.has_all else visitor.permissions
        key = (rights, visitor.is_signed_in, place, *opened, LANGUAGE.get())
        found = self._written.get(key)
        if found is None:
            found = _write(grouped(self.for_visitor(visitor), place, opened), place, icons)
            if len(self._written) >= _MOST_WRITTEN:
                self._written.clear()
            self._written[key] = found
        return found


def grouped(items: Iterable[MenuItem], place: str, opened: Collection[str]) -> list[Group]:
    """Group entries by area. Open are those the visitor opened, and the one of this place."""
    groups: dict[str, list[MenuItem]] = {}
    for item in items:
        groups.setdefault(item.area, []).append(item)
    here = next((area for area, its in groups.items() if place in {i.path for i in its}), "")
    first = next((area for area in groups if area), "")
    is_open = {here or first, *opened} if not opened else {here, *opened}
    return [Group(area, its, not area or area in is_open) for area, its in groups.items()]


def _write(groups: Iterable[Group], place: str, icons: str) -> Markup:
    return Markup("".join(_write_group(group, place, icons) for group in groups))


def _write_group(group: Group, place: str, icons: str) -> str:
    entries = "".join(_write_item(item, icons, is_here=item.path == place) for item in group.items)
    if not group.area:
        return entries
    is_open = ' open="open"' if group.is_open else ""
    return (
        f'<details class="area"{is_open} data-area="{escape(group.area)}"><summary><span>'
        f"{escape(_(group.area))}</span>{_icon(icons, icon='chevron-down')}</summary>"
        f"{entries}</details>"
    )


def _write_item(item: MenuItem, icons: str, *, is_here: bool) -> str:
    current = ' aria-current="page"' if is_here else ""
    return (
        f'<a href="{escape(safe_url(item.path) or "")}"{current}>{_icon(icons, icon=item.icon)}'
        f"<span>{escape(_(item.title))}</span></a>"
    )


def _icon(icons: str, *, icon: str) -> str:
    return (
        f'<svg class="icon" aria-hidden="true"><use href="{escape(icons)}#{escape(icon)}"></use>'
        "</svg>"
    )
