# SPDX-License-Identifier: Apache-2.0
"""A grid as CSV: every row of the same view, streamed in memory that does not grow.

Text that a spreadsheet would take for a formula gets an apostrophe in front, so that a
product's name cannot run anything on a buyer's computer.
*Source:* OWASP, CSV injection.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

import falcon
from sqlalchemy import Row, text

from poser.db import transaction
from web.grid.cells import Write, writer
from web.grid.keyset import Walk
from web.grid.loading import rows_of
from web.grid.page import single_params
from web.grid.subject import Column, Kind, Subject
from web.grid.view import View, read_view
from web.site import Site
from web.visits import visit

_AT_ONCE = 2  # of each process, so that pages keep some threads
_CHUNK_ROWS = 1_000
_STATEMENT_TIMEOUT_MS = 60_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - meant


class CsvPage:
    """Falcon resource: the rows of a grid as a file for spreadsheets."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._sending = BoundedSemaphore(_AT_ONCE)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Send every row that the address asks for, from the first, in its order."""
        here = visit(req)
        view = read_view(self._subject, single_params(req))
        view.conditions()  # a bad filter is refused before the first byte
        today = here.site.clock().astimezone(here.site.zone).date().isoformat()
        resp.content_type = "text/csv; charset=utf-8; header=present"
        name = f"{self._subject.path.rpartition('/')[2]}-{today}.csv"
        resp.set_header("Content-Disposition", f'attachment; filename="{name}"')
        if not self._sending.acquire(blocking=False):
            raise falcon.HTTPServiceUnavailable(
                title="Other files are being made just now",
                description="Try again when they are done, in a minute or so.",
                retry_after=30,
            )
        here.close()
        pieces = self._released(stream(here.site, view))
        resp.stream = _begun(next(pieces), pieces)

    def _released(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Pass the pieces on and let the next file begin when they end, however they end."""
        try:
            yield from pieces
        finally:
            self._sending.release()


def _begun(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Go on from a first piece, which was made while an error page could still be sent."""
    yield first
    yield from rest


def stream(site: Site, view: View) -> Iterator[bytes]:
    """Yield the file in pieces, all from one moment of the database."""
    columns = view.subject.columns
    writers = [_plain_writer(column, site.zone) for column in columns]
    buffer = io.StringIO()
    buffer.write("\ufeff")  # without it Excel takes the text for another encoding
    lines = csv.writer(buffer)
    lines.writerow([column.label for column in columns])
    walk = Walk(descending=view.descending, limit=None)
    with transaction(site.engines[view.subject.database], read_only=True) as session:
        session.execute(text(f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT_MS}"))
        found = session.connection().execute(
            rows_of(view, walk),
            execution_options={"stream_results": True, "max_row_buffer": _CHUNK_ROWS},
        )
        for chunk in found.partitions(_CHUNK_ROWS):
            lines.writerows(_line(row, writers) for row in chunk)
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _line(row: Row[Any], writers: list[Write]) -> list[str]:
    return [write(row[index]) for index, write in enumerate(writers)]


def _plain_writer(column: Column, zone: ZoneInfo) -> Write:
    """Write values for programs: numbers bare, times with their offset, text made harmless."""
    match column.kind:
        case Kind.MONEY | Kind.QUANTITY:
            return lambda value: "" if value is None else str(value)
        case Kind.TIME | Kind.DAY:
            return lambda value: _time(value, zone)
        case Kind.FLAG:
            return lambda value: "yes" if value else "no"
    write = writer(column)
    return lambda value: harmless(write(value))


def _time(value: datetime | None, zone: ZoneInfo) -> str:
    return "" if value is None else value.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def harmless(value: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
