# SPDX-License-Identifier: Apache-2.0
"""Dialling the host for as long as it works, and noting for `status` why it does not."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from uuid import UUID

from sqlalchemy import Engine, update
from sqlalchemy.exc import DBAPIError

from poser.config import Config
from poser.datasync.client import Line, address
from poser.datasync.reading import Part
from poser.db import transaction
from poser.errors import PoserError
from poser.model import DatasyncPeer, NodeKind, PeerState


@contextmanager
def dialled(engine: Engine, config: Config) -> Iterator[Line]:
    """Hold a line to the host; what ends it is noted at the host until they greet again."""
    try:
        with Line(address(config)) as line:
            yield line
    except (PoserError, DBAPIError) as error:
        # A database that is full or away may refuse the note, too; its own words go on.
        with suppress(PoserError, DBAPIError):
            _note(engine, in_one_line(error))
        raise


def parts(
    line: Line, epoch: UUID, received: Callable[[], int], wait_s: float
) -> Generator[Part, None, None]:
    """Ask for one part after the other, for ever; `received` says what is applied.

    Of a backlog the next part comes while one is applied, and the host is told of that only when
    it is done. Close this before the line.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as ahead:
        coming: Future[Part] | None = None
        while True:
            if coming is None:
                part = line.changes(received(), epoch, wait_s=wait_s)
            else:
                part = coming.result()
            coming = None
            if part.upto < part.head:
                ask = partial(line.changes, wait_s=0.0, applied=part.after)
                coming = ahead.submit(ask, part.upto, epoch)
            yield part


def in_one_line(error: Exception) -> str:
    """Return what an error says, of a database its own words alone."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return " ".join(str(cause).split())


def _note(engine: Engine, why: str) -> None:
    """Note what is wrong; a host that is paused or held says already why."""
    host = update(DatasyncPeer).where(
        DatasyncPeer.kind == NodeKind.HOST,
        DatasyncPeer.state == PeerState.ACTIVE,
        DatasyncPeer.note != why,
    )
    with transaction(engine) as session:
        session.execute(host.values(note=why))
