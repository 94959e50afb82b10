# SPDX-License-Identifier: Apache-2.0
"""The menu: every page that people start from, grouped by what it is about."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from web.permissions import Need
from web.visits import Visitor


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

    def for_visitor(self, visitor: Visitor) -> list[MenuItem]:
        """List the entries that this visitor may follow."""
        return [item for item in self._items if visitor.may(item.need)]


def grouped(items: Iterable[MenuItem], place: str, opened: Collection[str]) -> list[Group]:
    """Group entries by area. Open are those the visitor opened, and the one of this place."""
    groups: dict[str, list[MenuItem]] = {}
    for item in items:
        groups.setdefault(item.area, []).append(item)
    here = next((area for area, its in groups.items() if place in {i.path for i in its}), "")
    first = next((area for area in groups if area), "")
    is_open = {here or first, *opened} if not opened else {here, *opened}
    return [Group(area, its, not area or area in is_open) for area, its in groups.items()]
