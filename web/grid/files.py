# SPDX-License-Identifier: Apache-2.0
"""A grid as a file: every row of the same view, streamed in memory that does not grow.

In CSV, text that a spreadsheet would take for a formula gets an apostrophe in front, so that
a product's name cannot run anything on a buyer's computer. In XLSX text is text.
*Source:* OWASP, CSV injection.
"""

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

import falcon
from sqlalchemy import Row, text

from poser.db import transaction
from poser.importing.formats.formulas import with_apostrophe
from web.errors import Refused
from web.grid.cells import Write, writer
from web.grid.keyset import Walk
from web.grid.loading import rows_of
from web.grid.reader import reader_of
from web.grid.subject import Column, Kind, Subject
from web.grid.view import View, read_view
from web.language import _
from web.site import Site
from web.visits import visit

_AT_ONCE = 2  # of each process, so that pages keep some threads
_CHUNK_ROWS = 1_000
_STATEMENT_TIMEOUT_MS = 60_000
_sending = BoundedSemaphore(_AT_ONCE)


class FilePage(ABC):
    """Falcon resource: the rows of a grid as a file for spreadsheets."""

    ending = ""
    media_type = ""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Send every row that the address asks for, from the first, in its order."""
        here = visit(req)
        if not here.visitor.may(self._subject.permission):
            raise Refused(self._subject.permission)
        view = read_view(self._subject, req.params, reader_of(here))
        view.conditions()  # a bad filter is refused before the first byte
        resp.content_type = self.media_type
        name = f"{self._subject.path.rpartition('/')[2]}-{view.reader.today}{self.ending}"
        resp.set_header("Content-Disposition", f'attachment; filename="{name}"')
        if not _sending.acquire(blocking=False):
            raise falcon.HTTPServiceUnavailable(
                title=_("Other files are being made just now"),
                description=_("Try again when they are done, in a minute or so."),
                retry_after=30,
            )
        here.close()
        pieces = _released(self.pieces(here.site, view))
        resp.stream = _begun(next(pieces), pieces)

    @abstractmethod
    def pieces(self, site: Site, view: View) -> Iterator[bytes]:
        """Yield the file in pieces, all from one moment of the database."""


class CsvPage(FilePage):
    """Falcon resource: the rows of a grid as CSV."""

    ending = ".csv"
    media_type = "text/csv; charset=utf-8; header=present"

    def pieces(self, site: Site, view: View) -> Iterator[bytes]:
        """Yield the file in pieces, all from one moment of the database."""
        return stream(site, view)


class XlsxPage(FilePage):
    """Falcon resource: the rows of a grid as a workbook."""

    ending = ".xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def pieces(self, site: Site, view: View) -> Iterator[bytes]:
        """Yield the file in pieces, all from one moment of the database."""
        from web.grid.xlsx import workbook  # noqa: PLC0415 - few pages need it

        values = [_typed(column, site.zone) for column in view.columns]
        chunks = (
            [[write(row[index]) for index, write in enumerate(values)] for row in chunk]
            for chunk in _chunks(site, view)
        )
        return workbook(_(view.subject.title), _heads(view), chunks)


def _released(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass the pieces on and let the next file begin when they end, however they end."""
    try:
        yield from pieces
    finally:
        _sending.release()


def _begun(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Go on from a first piece, which was made while an error page could still be sent."""
    yield first
    yield from rest


def stream(site: Site, view: View) -> Iterator[bytes]:
    """Yield a view as CSV in pieces, all from one moment of the database."""
    writers = [_plain_writer(column, site.zone) for column in view.columns]
    buffer = io.StringIO()
    buffer.write("\ufeff")  # without it Excel takes the text for another encoding
    lines = csv.writer(buffer)
    lines.writerow([with_apostrophe(head) for head in _heads(view)])
    for chunk in _chunks(site, view):
        lines.writerows(_line(row, writers) for row in chunk)
        yield _taken(buffer)
    yield _taken(buffer)


def _heads(view: View) -> list[str]:
    return [_(column.label) for column in view.columns]


def _chunks(site: Site, view: View) -> Iterator[Sequence[Row[Any]]]:
    """Read all rows of a view in one transaction, some at a time."""
    walk = Walk(descending=view.steps[0].descending, limit=None)
    with transaction(site.engines[view.subject.database], read_only=True) as session:
        session.execute(text(f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT_MS}"))
        found = session.connection().execute(
            rows_of(view, walk, view.conditions()),
            execution_options={"stream_results": True, "max_row_buffer": _CHUNK_ROWS},
        )
        yield from found.partitions(_CHUNK_ROWS)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _line(row: Row[Any], writers: list[Write]) -> list[str]:
    return [write(row[index]) for index, write in enumerate(writers)]


def _plain_writer(column: Column, zone: ZoneInfo) -> Write:
    """Write values for programs: numbers bare, times with their offset, text made harmless."""
    if column.write is None:
        match column.kind:
            case Kind.MONEY | Kind.QUANTITY:
                return lambda value: "" if value is None else str(value)
            case Kind.TIME | Kind.DAY:
                return lambda value: _time(value, zone)
            case Kind.FLAG:
                return lambda value: "yes" if value else "no"
    write = writer(column)
    return lambda value: with_apostrophe(write(value))


def _typed(column: Column, zone: ZoneInfo) -> Callable[[Any], object]:
    """Give values as a workbook keeps them: numbers, days and times are no texts."""
    if column.write is None:
        match column.kind:
            case Kind.MONEY | Kind.QUANTITY | Kind.DATE | Kind.FLAG:
                return lambda value: value
            case Kind.TIME | Kind.DAY:
                return lambda value: None if value is None else value.astimezone(zone)
    return writer(column)


def _time(value: datetime | None, zone: ZoneInfo) -> str:
    return "" if value is None else value.astimezone(zone).isoformat(sep=" ", timespec="seconds")
