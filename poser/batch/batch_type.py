# SPDX-License-Identifier: Apache-2.0
"""What a type of batch is: its fields, its words for rows, and what executing it does.

    class Closing(BatchType):
        \"\"\"Departments to close: their products go to another one.\"\"\"

        key = "closing"
        fields = (RowField("into", str, "Department that takes over"),)
        statuses = (RowStatus("ok", "nothing in the way"),)

        def execute(self, session: Session, batch: Batch, watch: Watch) -> Executed:
            ...

Every class that says `key` in a module of `poser/batch/types/`, or of the folder `batches/` of
an extension, is found by listing: nothing keeps a second list.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.model.batches import Batch, BatchRow

Watch = Callable[[int, int | None], None]
"""Is called with how many rows are done, and of how many, where that is known."""

Json = str | int | bool | None
"""What a row keeps of a value; a number with places is kept as its text."""


def unwatched(_done: int, _total: int | None) -> None:
    """Watch nothing."""


class Severity(StrEnum):
    """How much a row's status matters to who reviews it."""

    FINE = "fine"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class RowStatus:
    """A word for how a row is, and what it means."""

    key: str
    label: str
    severity: Severity = Severity.FINE


@dataclass(frozen=True, slots=True)
class RowField:
    """A field of a type's rows; what people may not change has `is_fixed`."""

    name: str
    type: type[str] | type[int] | type[Decimal] | type[bool] | type[date]
    label: str = ""
    is_fixed: bool = False

    def read(self, words: object) -> Json:
        """Read what somebody typed. Raises PoserError, naming the field."""
        if words is None or words == "":
            return None
        try:
            return self._read(words)
        except (ValueError, InvalidOperation) as error:
            raise PoserError(
                f"{self.label or self.name}: {words!r} is no {_CALLED[self.type]}"
            ) from error

    def _read(self, words: object) -> Json:
        if self.type is bool:
            return _TRUTH[str(words).lower()] if str(words).lower() in _TRUTH else _no(words)
        if self.type is int:
            return int(str(words))
        if self.type is Decimal:
            number = Decimal(str(words))
            return str(number) if number.is_finite() else _no(words)
        if self.type is date:
            return date.fromisoformat(str(words)).isoformat()
        return str(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A row to add to a batch; `entry` is what was scanned or read, as it came."""

    data: Mapping[str, Json] = field(default_factory=dict)
    status: str = ""
    status_text: str = ""
    entry: str = ""
    label: str = ""
    model: str = ""
    record_id: UUID | None = None
    product_id: UUID | None = None
    old: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What came of executing a batch: counts by their names, and what people should know."""

    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class BatchType(ABC):
    """One type of batch; the first line of the docstring is its title.

    Whoever approves one is another than who made it, where `four_eyes` says so. What
    executing it changed can be undone by the history, unless `can_undo` is False. Executed
    ones are purged after `keep_days`.
    """

    key: ClassVar[str]
    fields: ClassVar[tuple[RowField, ...]] = ()
    statuses: ClassVar[tuple[RowStatus, ...]] = ()
    four_eyes: ClassVar[bool] = True
    can_undo: ClassVar[bool] = True
    keep_days: ClassVar[int] = 90

    @property
    def title(self) -> str:
        """What people read when they choose."""
        return (self.__doc__ or self.key).partition("\n")[0].rstrip(".")

    def populate(self, session: Session, batch: Batch) -> Iterable[NewRow]:  # noqa: ARG002 - others need it
        """Give the rows of a new batch, from what its `params` say."""
        return ()

    def refresh(self, session: Session, batch: Batch, row: BatchRow) -> None:  # noqa: B027 - many have nothing to look up
        """Look up again what a row shows, and set its status."""

    def read(
        self,
        session: Session,  # noqa: ARG002 - others need it
        batch: Batch,  # noqa: ARG002
        row: BatchRow,  # noqa: ARG002
        words: Mapping[str, object],
    ) -> dict[str, Json]:
        """Read what somebody typed for some fields of a row. Raises PoserError."""
        known = {one.name: one for one in self.fields if not one.is_fixed}
        for name in words:
            if name not in known:
                raise PoserError(
                    f"rows of {self.key} have no field {name!r} to be changed",
                    hint=f"these can be: {', '.join(known) or 'none'}",
                )
        return {name: known[name].read(value) for name, value in words.items()}

    def needs_approval(self, session: Session, batch: Batch) -> bool:  # noqa: ARG002 - others need it
        """Say whether a batch may be executed only when somebody approved it."""
        return False

    def why_not(self, session: Session, batch: Batch) -> str:  # noqa: ARG002 - others need it
        """Say why a batch cannot be executed as it is; empty when it can."""
        return ""

    @abstractmethod
    def execute(self, session: Session, batch: Batch, watch: Watch) -> Executed:
        """Do what the rows say, all of it in the transaction of the session.

        Rows that somebody took out are none of it. A row that cannot be done is told by its
        `outcome` and `reason`; whatever raises undoes everything.
        """

    def undone(self, session: Session, batch: Batch) -> None:  # noqa: B027 - the history undoes it
        """Write down elsewhere, if need be, that what a batch did was taken back."""


_CALLED = {str: "text", int: "whole number", Decimal: "number", bool: "yes or no", date: "date"}
_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _no(words: object) -> Json:
    raise ValueError(words)
