# SPDX-License-Identifier: Apache-2.0
"""What a run of an import handler is asked to do: the same words on the command line."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class OnLimit(StrEnum):
    """What happens when a run would change more than it may."""

    STOP = "stop"  # before anything is written
    CUT = "cut"  # as many as it may, the rest stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run is asked to do; None and empty mean "as the importer says".

    `where` is the place of the other side: a path, a folder, an address. `fields` are the only
    ones to compare and write, `without` are left out. A fuzzy field counts as equal while its
    numbers differ by at most `fuzz`, or its times by at most `fuzz` seconds. `batch_size` commits
    after as many changes; 0 is everything in one transaction. `max_delete_share` is percent of
    the rows of a model. `max_diffs` is how many changes of each kind and model are shown.
    `schedule` is the name of the schedule that a run is of.
    """

    models: tuple[str, ...] = ()
    where: str = ""
    options: tuple[tuple[str, str], ...] = ()
    key: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fuzzy: tuple[str, ...] = ()
    fuzz: Decimal = Decimal(1)
    creates: bool | None = None
    updates: bool | None = None
    deletes: bool | None = None
    max_creates: int | None = None
    max_updates: int | None = None
    max_deletes: int | None = None
    max_changes: int | None = None
    on_limit: OnLimit = OnLimit.STOP
    max_delete_share: Decimal = Decimal(5)
    allow_empty: bool = False
    since: date | None = None
    until: date | None = None
    batch_size: int = 0
    dry_run: bool = False
    warnings: bool = False
    recipients: tuple[str, ...] = ()
    make_batch: bool = False
    strict: bool = False
    max_diffs: int = 100
    user: str = ""
    comment: str = ""
    command: str = ""
    schedule: str = ""

    def option(self, name: str, default: str = "") -> str:
        """Return what was said for an option that only some handlers have."""
        return dict(self.options).get(name, default)
