# SPDX-License-Identifier: Apache-2.0
"""Words that the million products are made of: believable, and the same on every run.

A frequent word stands in about 1 of 58 products (17,000 of a million). The rare food is in one
of 3,331 products, and just three of those have the rare flavor.
"""

from poser.demo.words import LISTS

NAMES = ("kinds", "flavors", "foods", "sizes", "makers", "houses", "departments")
WORDS: dict[str, list[str]] = {name: LISTS[name] for name in NAMES}
"""Lists of words, the same as those of `poser demo load`."""

FREQUENT = (
    *("almond", "apricot", "cashew", "coconut"),
    *("hazelnut", "lavender", "pistachio", "raspberry"),
)
"""Flavors that are part of no other word: each in one of 58 products."""

RARE_FOOD = "halva"
RARE_FLAVOR = "cardamom"
RARE_PAIR = f"{RARE_FLAVOR} {RARE_FOOD}"
"""Together in three products, whatever the number of rows (from 20,000 on)."""
