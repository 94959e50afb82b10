# SPDX-License-Identifier: Apache-2.0
"""Bringing in what was found: the import handler's importers, for the records that changed alone.

Each batch is a run of the handler like any other: with its record, its history, to be taken back.
What was brought in is forgotten after its run; who is killed in between runs it again, and nothing
differs any more. A record that is refused waits and is tried again, the others go on.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from poser.datasync.parking import TRIES, pause
from poser.db import transaction
from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.choosing import chosen, limited
from poser.importing.fields import Field
from poser.importing.handler import ImportHandler
from poser.importing.importer import Importer
from poser.importing.parts import quoted
from poser.importing.result import RunResult, RunStatus
from poser.importing.running import run
from poser.importing.source import Chunk, Rows, Source
from poser.importing.watching import Watch, unwatched

if TYPE_CHECKING:
    from poser.importing.target import Target

ROWS = 1_000
"""How many records are brought in at once; a run says of as many why it refused them."""
_FINE = {RunStatus.DONE, RunStatus.BATCH}
_DUE = text("""
SELECT id, pos, model, key, CAST(data AS text), version, tries FROM datasync_watched_changes
WHERE watched = :watched AND next_try_at <= now() ORDER BY pos LIMIT :rows
""")
_DONE = text("""
DELETE FROM datasync_watched_changes AS c
USING unnest(CAST(:ids AS uuid[]), CAST(:versions AS uuid[])) AS w (id, version)
WHERE c.id = w.id AND c.version = w.version
""")
_REFUSED = text("""
UPDATE datasync_watched_changes SET tries = :tries, error = :error,
    next_try_at = now() + CAST(:pause AS interval)
WHERE id = :id AND version = :version
""")


@dataclass(frozen=True, slots=True)
class Found:
    """One record that was found to have changed; `data` is None when it is gone."""

    id: UUID
    pos: int
    model: str
    key: str
    data: str | None
    version: UUID
    tries: int


@dataclass(slots=True)
class Imported:
    """What became of a batch: brought in, refused (they wait), given up (a person decides)."""

    done: int = 0
    refused: int = 0
    given_up: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.done or self.refused or self.given_up)


def bring_in(
    name: str,
    handler: ImportHandler,
    asked: Asked,
    engines: Mapping[str, Engine],
    watch: Watch = unwatched,
) -> Imported:
    """Bring in the next records of a watched system that are due.

    Raises PoserError when nothing can be brought in now, such as Unavailable: then all of it
    waits as it did.
    """
    with transaction(engines["poser"], read_only=True) as session:
        found = [Found(*row) for row in session.execute(_DUE, {"watched": name, "rows": ROWS})]
    if not found:
        return Imported()
    work = _Work(name, handler, replace(asked, comment=f"found by watching {name}"), engines, watch)
    changed = [one for one in found if one.data is not None]
    gone = [one for one in found if one.data is None]
    errors = {**work.write(changed), **work.delete(gone)}
    with transaction(engines["poser"]) as session:
        return _settle(session, found, errors)


def _settle(session: Session, found: Sequence[Found], errors: Mapping[int, str]) -> Imported:
    """Forget what is in; what changed again meanwhile stays."""
    done = [one for one in found if one.pos not in errors]
    session.execute(
        _DONE,
        {"ids": [str(one.id) for one in done], "versions": [str(one.version) for one in done]},
    )
    imported = Imported(done=len(done))
    for one in (one for one in found if one.pos in errors):
        tries = one.tries + 1
        values = {"id": one.id, "version": one.version, "tries": tries, "error": errors[one.pos]}
        session.execute(_REFUSED, {**values, "pause": pause(tries) if tries < TRIES else None})
        if tries < TRIES:
            imported.refused += 1
        else:
            imported.given_up.append(f"{one.model} {one.key}")
    return imported


@dataclass(frozen=True, slots=True)
class _Work:
    """Runs of one handler for some records."""

    name: str
    handler: ImportHandler
    asked: Asked
    engines: Mapping[str, Engine]
    watch: Watch

    def write(self, some: Sequence[Found]) -> dict[int, str]:
        """Write records as they are there; returns why which were refused, by place."""
        # With batches the rules are looked at before anything is written, row by row.
        asked = replace(self.asked, deletes=False, batch_size=ROWS, allow_empty=True)
        return self._in_halves(some, lambda part: self._run(part, {}, asked))

    def delete(self, some: Sequence[Found]) -> dict[int, str]:
        """Delete what is gone there, where the importer deletes at all."""
        # How many may go was asked when they were found.
        asked = replace(
            self.asked, batch_size=ROWS, allow_empty=True, max_delete_share=Decimal(100)
        )

        def run_one(part: Sequence[Found]) -> RunResult:
            keys: dict[str, list[list[str | None]]] = {}
            for one in part:
                keys.setdefault(one.model, []).append(json.loads(one.key))
            return self._run((), keys, asked)

        return self._in_halves(some, run_one)

    def _in_halves(self, some: Sequence[Found], run_some: Any) -> dict[int, str]:  # noqa: ANN401
        """Run for records; where that fails as a whole, halve down to those that make it fail."""
        if not some:
            return {}
        result: RunResult = run_some(some)
        if result.status in _FINE:
            return {
                int(one.place): f"{one.field}: {one.reason}" if one.field else one.reason
                for model in result.models
                for one in model.refusals
            }
        if len(some) == 1:
            return {some[0].pos: result.why}
        middle = len(some) // 2
        first = self._in_halves(some[:middle], run_some)
        return {**first, **self._in_halves(some[middle:], run_some)}

    def _run(
        self,
        some: Sequence[Found],
        gone: Mapping[str, Sequence[Sequence[str | None]]],
        asked: Asked,
    ) -> RunResult:
        importers = [
            _limited_to(one, gone[one.name]) if one.name in gone else one
            for one in self._importers()
        ]
        by_model: dict[str, list[Found]] = {name: [] for name in gone}
        for one in some:
            by_model.setdefault(one.model, []).append(one)
        # They are as they were asked for; made anew, they would be about all rows again.
        asked = replace(asked, models=(), fields=(), without=(), key=())
        result = run(_Some(self.handler, importers, by_model), asked, self.engines, self.watch)
        if result.status is RunStatus.INTERRUPTED:
            raise PoserError(result.why or "the run was interrupted")
        return result

    def _importers(self) -> Sequence[Importer]:
        if type(self.handler).chosen is ImportHandler.chosen:
            return limited([one() for one in self.handler.importers], self.asked)
        with self.handler.source(self.asked) as source:
            return chosen(self.handler, self.asked, source)


class _Some(ImportHandler):
    """The handler for some records only, which are read from the queue and not from its source."""

    def __init__(
        self,
        handler: ImportHandler,
        importers: Sequence[Importer],
        found: Mapping[str, Sequence[Found]],
    ) -> None:
        self._handler = handler
        self._importers = importers
        self._found = found

    @property
    def key(self) -> str:  # type: ignore[override]
        """The handler's own: its runs stand with its others."""
        return self._handler.key

    def chosen(self, asked: Asked, source: Source) -> Sequence[Importer]:  # noqa: ARG002
        """Return the importers, limited as they are."""
        return self._importers

    def source(self, asked: Asked) -> Source:  # noqa: ARG002 - the handler's
        """Read the queue."""
        return _Queue(f"what changed in {self._handler.key}", self._found)

    def target(self, asked: Asked) -> "Target | None":
        """Write where the handler writes."""
        return self._handler.target(asked)


class _Queue(Source):
    """Records that were found, as a source of their models."""

    def __init__(self, name: str, found: Mapping[str, Sequence[Found]]) -> None:
        self.name = name
        self._found = found

    def rows(self, importer: Importer) -> Rows | None:  # noqa: ARG002 - the source's
        """Give nothing: records of one model may have other names each, so there are chunks."""
        return None

    def chunks(self, importers: Sequence[Importer]) -> Iterator[Chunk]:
        """Give the records of each model, those with the same names together."""
        for importer in importers:
            some = self._found.get(importer.name)
            if some is None:
                continue
            yield Chunk(importer, (), ())
            by_names: dict[tuple[str, ...], list[tuple[int, Sequence[object]]]] = {}
            for one in some:
                values = json.loads(one.data or "{}")
                by_names.setdefault(tuple(values), []).append((one.pos, tuple(values.values())))
            for names, items in by_names.items():
                yield Chunk(importer, names, items)


def _limited_to(importer: Importer, keys: Sequence[Sequence[str | None]]) -> Importer:
    """Have an importer be about the rows of some keys alone, so that it deletes no others."""
    fields = {one.name: one for one in importer.fields}
    parts = [fields[name] for name in importer.key]
    columns = ", ".join(f"t.{quoted(one.name)}" for one in parts)
    rows = ", ".join(
        "(" + ", ".join(_literal(*pair) for pair in zip(parts, key, strict=True)) + ")"
        for key in keys
    )
    limited = copy(importer)
    own = f"({importer.scope}) AND " if importer.scope else ""
    vars(limited)["scope"] = f"{own}({columns}) IN ({rows})"
    return limited


def _literal(part: Field, value: str | None) -> str:
    """Write one part of a key in SQL; a reference is looked up as the run does it."""
    if value is None:
        return "NULL"
    literal = "'" + value.replace("'", "''") + "'"
    if part.find is None:
        return literal
    table, by = quoted(str(part.find.model.__tablename__)), quoted(part.find.by)
    return f"(SELECT {quoted(part.find.take)} FROM {table} WHERE {by} = {literal})"  # noqa: S608
