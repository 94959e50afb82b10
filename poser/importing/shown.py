# SPDX-License-Identifier: Apache-2.0
"""A run as its page shows it: values, read by `poser.importing.showing`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from poser.importing.result import Difference, ModelResult, Refusal, RunStatus

WROTE = (RunStatus.DONE, RunStatus.REVERTED)
"""How runs end that wrote what they found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShown:
    """One field of a change: old and new as text; None is nothing there."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown(Difference):
    """One change of a run, with the table it is in.

    `cursor` is where the next page begins. `at` is when it was written (UTC); None of what was
    found and not written, or written elsewhere.
    """

    table: str
    at: datetime | None
    cursor: str

    @property
    def fields(self) -> tuple[FieldShown, ...]:
        """Give the fields that it changed, set or removed, each with old and new."""
        names = dict.fromkeys((*self.old, *self.new))
        return tuple(
            FieldShown(name=name, old=self.old.get(name), new=self.new.get(name)) for name in names
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalShown(Refusal):
    """One record that a run kept aside; `cursor` is where the next page begins."""

    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShown:
    """A batch that a run made."""

    id: UUID
    number: int
    description: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """The record of a run. Times are UTC.

    `reverts` is the number of the run that this one took back, `reverted_by` are those that
    took back this one, all of it or as much as could be.
    """

    id: UUID
    number: int
    key: str
    status: RunStatus
    command: str
    source: str
    user_name: str
    comment: str
    schedule: str
    began_at: datetime
    ended_at: datetime | None
    why: str
    hint: str
    notes: tuple[str, ...]
    models: tuple[ModelResult, ...]
    transaction_ids: tuple[UUID, ...]
    batches: tuple[BatchShown, ...]
    can_resume: bool
    reverts: int | None
    reverted_by: tuple[int, ...]

    @property
    def wrote(self) -> bool:
        """Whether its counts are of what was written; else of what it found."""
        return self.status in WROTE

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else None

    @property
    def changes(self) -> int:
        """How many rows were changed, or would be."""
        return sum(one.changes for one in self.models)

    @property
    def refused(self) -> int:
        """How many records were kept aside."""
        return sum(one.refused for one in self.models)
