# SPDX-License-Identifier: Apache-2.0
"""The ASGI app of `/events/`: a stream for each open page that watches something."""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from uuid import UUID

import falcon
import falcon.asgi
from sqlalchemy.exc import DBAPIError

from poser.errors import Unavailable
from poser.model.tasks import Task
from web.events.board import Board
from web.site import Site
from web.tasks.seeing import may_see
from web.visitors import recognize
from web.visits import Visit

log = logging.getLogger(__name__)

LONGEST_S = 600.0
"""How long a stream lasts; the browser opens another, and its rights are looked at again."""

PING_S = 15.0
MOST = 1_000
"""How many streams a process holds; others are told to look by themselves."""

_LOOKING = 2
_RETRY_MS = 3_000


class TaskEvents:
    """Falcon resource: tells a page that the task it shows has changed."""

    def __init__(self, site: Site, board: Board) -> None:
        self._site = site
        self._board = board
        self._looking = ThreadPoolExecutor(_LOOKING, thread_name_prefix="look")

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, key: UUID) -> None:
        """Stream, for whoever may see the task; anybody else learns nothing of it."""
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Accel-Buffering", "no")
        if self._board.streams >= MOST:
            raise falcon.HTTPServiceUnavailable(retry_after=60)
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(self._looking, self._may, req, key):
            raise falcon.HTTPNotFound
        resp.sse = self._stream(f"task {key}")

    def _may(self, req: falcon.asgi.Request, key: UUID) -> bool:
        """Tell whether whoever asks may see the task, as the web app decides it."""
        here = Visit(self._site)
        req.context.visit = here
        try:
            here.visitor = recognize(cast("falcon.Request", req))
            task = here.read().get(Task, key) if here.visitor.is_signed_in else None
            return task is not None and may_see(here, task)
        except (Unavailable, DBAPIError) as error:
            log.warning("a stream is refused", extra={"reason": " ".join(str(error).split())})
            return False
        finally:
            here.close()

    async def _stream(self, topic: str) -> AsyncIterator[falcon.asgi.SSEvent | None]:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_S
        with self._board.subscribed(topic) as changed:
            yield falcon.asgi.SSEvent(data=b"look", retry=_RETRY_MS)
            while loop.time() < end:
                try:
                    await asyncio.wait_for(changed.wait(), PING_S)
                except TimeoutError:
                    yield None  # a ping, by which a connection that is gone is found out
                    continue
                changed.clear()
                yield falcon.asgi.SSEvent(data=b"changed")


class Listening:
    """Falcon middleware: begins to listen when the process is ready, and stops with it."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def process_startup(self, _scope: Any, _event: Any) -> None:  # noqa: ANN401 - ASGI's
        """Begin to listen."""
        self._board.start()

    async def process_shutdown(self, _scope: Any, _event: Any) -> None:  # noqa: ANN401 - ASGI's
        """Stop."""
        self._board.stop()


def create_events(site: Site) -> "falcon.asgi.App[Any, Any]":
    """Make the app; nothing is opened before a process runs it."""
    board = Board(site.engines["poser"])
    app = falcon.asgi.App(middleware=[Listening(board)])
    app.add_route("/events/tasks/{key:uuid}", TaskEvents(site, board))
    return app
