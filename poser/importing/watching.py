# SPDX-License-Identifier: Apache-2.0
"""How far a run is, for people who wait."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What a run does, in this order."""

    READING = "reading"
    COMPARING = "comparing"
    CHECKING = "checking"
    WRITING = "writing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: of `total` (None: not known), in `unit`; `records` are read so far."""

    step: Step
    model: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "rows"
    records: int = 0


Watch = Callable[[Progress], None]
"""Is called at every step, and with every chunk while the source is read."""


def unwatched(_progress: Progress) -> None:
    """Watch nothing."""
