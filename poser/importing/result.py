# SPDX-License-Identifier: Apache-2.0
"""What came of a run, as values: for the command line, mails, pages and programs."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from uuid import UUID

from poser.importing.source import Place


class Kind(StrEnum):
    """What a run does to a row."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row that differs: its key, and the fields as text, old and new."""

    model: str
    kind: Kind
    key: str
    row_id: UUID | None = None
    old: dict[str, str | None] = field(default_factory=dict)
    new: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One record that was kept aside: where it is, what of it is wrong, and why."""

    model: str
    place: Place
    reason: str
    field: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = f"line {self.place}" if isinstance(self.place, int) else self.place
        what = f" {self.field} {self.value!r}:" if self.field else ""
        return f"{self.model}, {where}:{what} {self.reason}"


@dataclass(slots=True, kw_only=True)
class ModelResult:
    """What came of one model. Counts are of records; `duplicates` are among the refused.

    `table` is the model's; empty where the history of this node cannot know it.
    """

    model: str
    table: str = ""
    read: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    refused: int = 0
    duplicates: int = 0
    skipped: int = 0
    differences: list[Difference] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many rows were changed, or would be."""
        return self.created + self.updated + self.deleted


class RunStatus(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    DONE = "done"
    DRY = "dry"  # looked only; nothing was to be written
    BATCH = "batch"  # became a batch
    STOPPED = "stopped"  # by a limit or for safety, before anything was written
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    REVERTED = "reverted"


@dataclass(slots=True, kw_only=True)
class RunResult:
    """What came of a run. `why` says in a sentence why it stopped or failed, `hint` what to do.

    `number` is what people call it.
    """

    run_id: UUID
    number: int
    key: str
    status: RunStatus
    source: str
    models: list[ModelResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    why: str = ""
    hint: str = ""
    seconds: float = 0.0
    batches: list[UUID] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many rows were changed, or would be."""
        return sum(one.changes for one in self.models)

    @property
    def refused(self) -> int:
        """How many records were kept aside."""
        return sum(one.refused for one in self.models)

    def to_json(self) -> dict[str, object]:
        """Give the result for programs."""
        return asdict(self)
