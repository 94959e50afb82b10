# SPDX-License-Identifier: Apache-2.0
"""What a run changed, and what it kept aside, as files for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import BoundedSemaphore
from uuid import UUID

import falcon
from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.importing.formats.formulas import with_apostrophe
from poser.importing.showing import all_changes, refusals_of
from poser.importing.shown import RunShown
from web.resources.kept_fields import may_see_field, may_see_rows
from web.runs.record import HIDDEN, found_run
from web.visits import Visit, visit

Lines = Callable[[Session, RunShown, Visit], Iterable[Sequence[str]]]

_AT_ONCE = 2  # of each process, so that pages keep some threads
_TIMEOUT_MS = 60_000
_PIECE = 1 << 16


class RunFile:
    """Falcon resource: one list of a run as CSV, streamed in memory that does not grow."""

    def __init__(self, name: str, heads: Sequence[str], lines: Lines) -> None:
        self._name = name
        self._heads = heads
        self._lines = lines
        self._sending = BoundedSemaphore(_AT_ONCE)

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Send the file, all of it from one moment of the database."""
        here = visit(req)
        run = found_run(here.read(), key)
        here.close()
        if not self._sending.acquire(blocking=False):
            raise falcon.HTTPServiceUnavailable(
                title="Other files are being made just now",
                description="Try again when they are done, in a minute or so.",
                retry_after=30,
            )
        resp.content_type = "text/csv; charset=utf-8; header=present"
        name = f"run-{run.number}-{self._name}.csv"
        resp.set_header("Content-Disposition", f'attachment; filename="{name}"')
        resp.stream = self._pieces(here, run)

    def _pieces(self, here: Visit, run: RunShown) -> Iterator[bytes]:
        try:
            yield from _written(here, run, self._heads, self._lines)
        finally:
            self._sending.release()


def _written(here: Visit, run: RunShown, heads: Sequence[str], lines: Lines) -> Iterator[bytes]:
    buffer = io.StringIO()
    buffer.write("\ufeff")  # without it Excel takes the text for another encoding
    writing = csv.writer(buffer)
    writing.writerow(heads)
    with transaction(here.site.engines["poser"], read_only=True) as session:
        session.execute(text(f"SET LOCAL statement_timeout = {_TIMEOUT_MS}"))
        for line in lines(session, run, here):
            writing.writerow([with_apostrophe(value) for value in line])
            if buffer.tell() > _PIECE:
                yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _changes(session: Session, run: RunShown, here: Visit) -> Iterator[Sequence[str]]:
    """Give a line for each field that a run changed and this visitor may see."""
    for one in all_changes(session, run):
        if not may_see_rows(here, one.table):
            continue
        for field in one.fields:
            if may_see_field(here, one.table, field.name):
                yield one.model, one.kind, one.key, field.name, field.old or "", field.new or ""


def _aside(session: Session, run: RunShown, here: Visit) -> Iterator[Sequence[str]]:
    tables = {one.model: one.table for one in run.models}
    for one in refusals_of(session, run, limit=None):
        table = tables.get(one.model, one.model)
        may = may_see_rows(here, table) and may_see_field(here, table, one.field)
        value, reason = (one.value, one.reason) if may else ("", HIDDEN)
        yield one.model, str(one.place), one.field, value, reason


CHANGES = RunFile("changes", ("model", "what", "key", "field", "old", "new"), _changes)
ASIDE = RunFile("kept-aside", ("model", "place", "field", "value", "reason"), _aside)
