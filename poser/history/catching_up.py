# SPDX-License-Identifier: Apache-2.0
"""Holding the history against the live rows, and catching up where recording was off.

Tables of any size are gone through in slices by id, so that memory stays flat and nobody
waits long: a slice of a catch-up is a transaction of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.errors import PoserError
from poser.history.reading import recorded_table
from poser.model.history import Fields

SLICE = 5_000
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_NO_RIGHT = "42501"

Watch = Callable[[str, int, int], None]
"""Called with a table's name, how many rows are done, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where the versions of a record and its live row say different things.

    `what` is unknown (no version at all), gone (deleted unrecorded), back (inserted again
    unrecorded) or differs; `fields` maps what differs to (what the versions say, what the
    row says).
    """

    table: str
    row_id: UUID
    what: str
    fields: dict[str, tuple[str | None, str | None]]

    def __str__(self) -> str:
        said = ", ".join(f"{n} {_short(a)} -> {_short(b)}" for n, (a, b) in self.fields.items())
        return f"{self.table} {self.row_id} {self.what}" + (f": {said}" if said else "")


def check(session: Session, table: str, watch: Watch | None = None) -> Iterator[Difference]:
    """Find the records whose versions do not lead to the live row, by id."""
    recorded_table(session, table)
    for above, upto in _slices(session, table, watch):
        found = session.execute(
            text(
                "SELECT row_id, what, known, live"
                " FROM history_differences(CAST(:table AS regclass), :above, :upto)"
            ),
            {"table": table, "above": above, "upto": upto},
        )
        for row_id, what, known, live in found:
            yield Difference(
                table=table, row_id=row_id, what=what, fields=_different(known or {}, live or {})
            )


def catch_up(engine: Engine, table: str, watch: Watch | None = None) -> int:
    """Write a baseline for every row that `check` would name; returns how many.

    What went away unrecorded is kept as deleted now. Afterwards `check` finds nothing.
    Needs the owner of the database (PoserError otherwise).
    """
    with transaction(engine, read_only=True) as session:
        if not recorded_table(session, table).has_history:
            raise PoserError(
                f"table {table} has no history by design", hint="its model's `info` says so"
            )
        slices = list(_slices(session, table, watch=None))
    total = 0
    for number, (above, upto) in enumerate(slices):
        total += _keep(engine, table, above, upto)
        if watch:
            watch(table, number + 1, len(slices))
    return total


def _keep(engine: Engine, table: str, above: UUID, upto: UUID) -> int:
    try:
        with transaction(engine) as session:
            kept: int = session.execute(
                text("SELECT keep_baseline(CAST(:table AS regclass), :above, :upto)"),
                {"table": table, "above": above, "upto": upto},
            ).scalar_one()
            return kept
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") != _NO_RIGHT:
            raise
        raise PoserError(
            "only the owner of the database may add baselines to the history",
            hint="on a node run it with sudo: `sudo poser history catch-up`",
        ) from error


def _slices(session: Session, table: str, watch: Watch | None) -> Iterator[tuple[UUID, UUID]]:
    """Cut a table into ranges of ids, the last of them open-ended."""
    name = '"' + table.replace('"', '""') + '"'
    next_end = text(f"SELECT id FROM {name} WHERE id > :above ORDER BY id OFFSET :size LIMIT 1")  # noqa: S608 - quoted
    total = session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() if watch else 0  # noqa: S608
    above, done = _FIRST, 0
    while above != _LAST:
        values = {"above": above, "size": SLICE - 1}
        upto = session.execute(next_end, values).scalar_one_or_none() or _LAST
        yield above, upto
        above, done = upto, done + SLICE
        if watch:
            watch(table, min(done, total), total)


def _different(known: Fields, live: Fields) -> dict[str, tuple[str | None, str | None]]:
    if not (known and live):
        return {}
    both = sorted(known.keys() & live.keys())
    return {name: (known[name], live[name]) for name in both if known[name] != live[name]}


def _short(value: str | None) -> str:
    return "nothing" if value is None else repr(value[:40])
