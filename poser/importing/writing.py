# SPDX-License-Identifier: Apache-2.0
"""Writing all parts of a run: parents first, deletions the other way round.

It is tried as a whole first, with rules held against the end only, so that codes may swap and
rows may refer to each other. When PostgreSQL refuses, what breaks that rule is found by one
query and kept aside, and the rest is written; what no query finds is found by halving.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.db.refused import refused as in_words
from poser.importing.applying import Range, apply
from poser.importing.difference import LETTERS, difference_of
from poser.importing.parts import Part, quoted
from poser.importing.result import Kind, ModelResult, Refusal, RunResult
from poser.importing.rules import Rules
from poser.importing.staging import stage_of

_REFUSALS = ("22", "23", "P0")  # data, rules, and what triggers say
_COUNTED = {Kind.CREATE: "created", Kind.UPDATE: "updated", Kind.DELETE: "deleted"}
_ALL_KINDS = (Kind.CREATE, Kind.UPDATE)


@dataclass(slots=True, kw_only=True)
class Writing:
    """Writes the differences of a run in the transaction of its session."""

    session: Session
    parts: Sequence[Part]
    rules: Rules
    result: RunResult
    _counts: dict[str, ModelResult] = field(init=False)

    def __post_init__(self) -> None:
        self._counts = {one.model: one for one in self.result.models}

    def all(self) -> None:
        """Write everything that can be written; what cannot is kept aside."""
        if self._whole():
            return
        if self._set_aside() and self._whole():
            return
        self._halving()

    def slices(
        self, size: int, commit: Callable[[], None], already: Mapping[str, ModelResult]
    ) -> None:
        """Write at most `size` changes at a time, and have each slice committed.

        What was written so far is what the result counts, with what the run had written
        `already` before it was cut off and resumed.
        """
        for counts in self.result.models:
            before = already.get(counts.model, ModelResult(model=counts.model))
            for name in _COUNTED.values():
                setattr(counts, name, getattr(before, name))
            counts.unchanged -= before.created + before.updated
        commit()
        for part, kind in self._order():
            for some in self._ranges(part, kind, size):
                written = self._piece(part, kind, some)
                counts, name = self._counts[part.model], _COUNTED[kind]
                setattr(counts, name, getattr(counts, name) + written)
                commit()

    def transactions(self) -> list[UUID]:
        """Name the running transaction in the history, if it is there."""
        found = self.session.execute(text("SELECT history_transaction()")).scalar_one()
        return [found] if found else []

    def _whole(self) -> bool:
        """Write everything in as few statements as there are; False when something is refused."""
        savepoint = self.session.begin_nested()
        try:
            self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            for part, kind in self._order():
                if getattr(self._counts[part.model], _COUNTED[kind]):
                    apply(self.session, part, kind)
            self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except DBAPIError as error:
            if not _is_refusal(error):
                raise
            savepoint.rollback()
            return False
        savepoint.commit()
        return True

    def _set_aside(self) -> int:
        """Keep aside what breaks rules over several rows; returns how many that are."""
        kept = 0
        for part in self.parts:
            counts = self._counts[part.model]
            kept += self.rules.keys(part, counts)
            kept += self.rules.references(part, counts)
        if kept:
            self._recount()
        return kept

    def _halving(self) -> None:
        """Write in pieces; of a piece that is refused each half, down to single records."""
        for part, kind in self._order():
            for some in self._ranges(part, kind):
                self._piece(part, kind, some)
        self._recount()

    def _order(self) -> Iterator[tuple[Part, Kind]]:
        """Give what is written in which order: parents first, deletions the other way round."""
        for part in self.parts:
            yield from ((part, kind) for kind in _ALL_KINDS)
        yield from ((part, Kind.DELETE) for part in reversed(self.parts))

    def _ranges(self, part: Part, kind: Kind, size: int | None = None) -> list[Range]:
        """Cut the changes of a kind into ranges of so many, or make it one."""
        slice_ = "0" if size is None else f"(row_number() OVER (ORDER BY n) - 1) / {int(size)}"
        rows = self.session.execute(
            text(
                f"SELECT min(n), max(n) FROM (SELECT n, {slice_} AS slice"  # noqa: S608 - quoted
                f" FROM {difference_of(part)} WHERE kind = '{LETTERS[kind]}') AS d"
                " GROUP BY slice ORDER BY slice"
            )
        )
        return [(low, high) for low, high in rows]

    def _piece(self, part: Part, kind: Kind, some: Range) -> int:
        """Write a range of changes, without those that are refused; returns how many."""
        savepoint = self.session.begin_nested()
        try:
            self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            written = apply(self.session, part, kind, some)
            self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except DBAPIError as error:
            if not _is_refusal(error):
                raise
            savepoint.rollback()
            low, high = some
            if low == high:
                self._keep(part, kind, low, error)
                return 0
            middle = (low + high) // 2
            first = self._piece(part, kind, (low, middle))
            return first + self._piece(part, kind, (middle + 1, high))
        savepoint.commit()
        return written

    def _keep(self, part: Part, kind: Kind, n: int, error: DBAPIError) -> None:
        """Keep one record aside, in the words of the database."""
        said = in_words(error, self.session.connection())
        reason = said.message if said else str(error.orig).strip().splitlines()[0]
        if said and said.hint:
            reason += f" ({said.hint})"
        fields = ", ".join(said.fields) if said else ""
        values = ", ".join(said.values.values()) if said else ""
        refusal = Refusal(
            model=part.model,
            place=self._place(part, kind, n),
            reason=reason,
            field=fields,
            value=values,
        )
        self.rules.refused.keep(self._counts[part.model], [refusal])
        self.session.execute(
            text(f"DELETE FROM {difference_of(part)} WHERE n = :n"),  # noqa: S608 - quoted
            {"n": n},
        )

    def _place(self, part: Part, kind: Kind, n: int) -> str | int:
        if kind is Kind.DELETE:
            key = quoted(part.key[0])
            query = (
                f"SELECT 'row ' || t.{key}::text FROM {difference_of(part)} AS d"  # noqa: S608 - quoted
                f" JOIN {quoted(part.table)} AS t ON t.id = d.row_id WHERE d.n = :n"
            )
        else:
            query = f"SELECT _place FROM {stage_of(part)} WHERE _n = :n"  # noqa: S608 - quoted
        found = str(self.session.execute(text(query), {"n": n}).scalar_one())
        return int(found) if found.isdecimal() and kind is not Kind.DELETE else found

    def _recount(self) -> None:
        for part in self.parts:
            counts = self._counts[part.model]
            rows = self.session.execute(
                text(f"SELECT kind, count(*) FROM {difference_of(part)} GROUP BY kind")  # noqa: S608 - quoted
            )
            known = {row[0]: row[1] for row in rows}
            for kind, letter in LETTERS.items():
                setattr(counts, _COUNTED[kind], known.get(letter, 0))


def _is_refusal(error: DBAPIError) -> bool:
    return (getattr(error.orig, "pgcode", "") or "").startswith(_REFUSALS)
