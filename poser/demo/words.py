# SPDX-License-Identifier: Apache-2.0
"""Words that demo shops are made of, and what each department sells."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_suffix(".toml")
LISTS: dict[str, Any] = tomllib.loads(PATH.read_text(encoding="utf-8"))
"""Lists of words by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One department: what is sold there, for how much, and how often.

    Prices in the retailer's currency from `low` to `high`; `margin` and `weighed` in percent.
    """

    number: str
    name: str
    share: int
    low: float
    high: float
    margin: int
    tax: str
    sizes: tuple[str, ...]
    foods: tuple[str, ...]
    weighed: int = 0
    rush: int = 1
    age: int | None = None
    deposit: bool = False
    stamps: bool = True
    plain: bool = False

    @property
    def cost_share(self) -> Decimal:
        """What a product costs the retailer, as a part of its price."""
        return Decimal(100 - self.margin) / 100


@cache
def shelves() -> tuple[Shelf, ...]:
    """Return all departments, in the order of the file."""
    return tuple(_shelf(table) for table in LISTS["shelves"])


@cache
def shares() -> tuple[int, ...]:
    """Return the shares of the departments, added up, to choose one by."""
    return tuple(accumulate(shelf.share for shelf in shelves()))


def _shelf(table: dict[str, Any]) -> Shelf:
    foods = LISTS[table["foods"]] if isinstance(table["foods"], str) else table["foods"]
    return Shelf(**{**table, "foods": tuple(foods), "sizes": tuple(table["sizes"])})
