# SPDX-License-Identifier: Apache-2.0
"""Steps of upkeep that let go of what is old, after as many days as a setting says."""

from dataclasses import dataclass

from poser.config import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """One step, for the `upkeep` in a table's info: a statement with `:days`, which counts."""

    statement: str
    days: Setting[int]
