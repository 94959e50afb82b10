# SPDX-License-Identifier: Apache-2.0
"""The ASGI app of `/datasync/`: peers ask for changes, wait for them, and bring their own.

Who asks is what nginx says: the name in the certificate that the peer showed.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import falcon
import falcon.asgi
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from poser.clock import utc_now
from poser.datasync import wire
from poser.datasync.applying import OutOfStep
from poser.datasync.comparing import OwnSide
from poser.datasync.comparing_wire import Asked
from poser.datasync.exchange import NotInStep, give, greet, peer_named, take
from poser.datasync.reading import begins_after, reader_of
from poser.db import transaction
from poser.errors import PoserError, Unavailable
from web.hub.bodies import LARGEST_BODY, body
from web.hub.log import Log
from web.hub.sales import CustomersSales, Sales

log = logging.getLogger(__name__)
Result = TypeVar("Result")

NAME_HEADER = "X-Poser-Node"
LONGEST_WAIT_S = 55.0
_WORKERS = 4
_NOTES_EVERY_S = 2.0
_NOTE = text("""
UPDATE datasync_peers AS p SET seen_at = w.at, sent_pos = greatest(p.sent_pos, w.pos),
    in_step_at = CASE WHEN w.pos >= w.head THEN w.at ELSE p.in_step_at END
FROM unnest(CAST(:names AS text[]), CAST(:places AS bigint[]), CAST(:ats AS timestamptz[]),
    CAST(:heads AS bigint[])) AS w (name, pos, at, head)
WHERE p.name = w.name
""")


class Hub:
    """What the routes share: the queue in memory, threads for the database, what peers said."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.log = Log(engine)
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="hub")
        self._seen: dict[str, tuple[int, object, int]] = {}
        self._noting: asyncio.Task[None] | None = None

    async def process_startup(self, _scope: object, _event: object) -> None:
        """Begin to follow the queue, in the worker that serves."""
        self.log.begin()
        self._noting = asyncio.create_task(self._note_now_and_then())

    async def process_shutdown(self, _scope: object, _event: object) -> None:
        """Follow the queue no longer, and write nothing down any more."""
        if self._noting is not None:
            self._noting.cancel()
        await self.in_thread(self.log.end)
        self._threads.shutdown(wait=False)

    async def process_request(self, req: falcon.asgi.Request, _resp: falcon.asgi.Response) -> None:
        """Refuse whoever nginx does not name."""
        name = req.get_header(NAME_HEADER) or ""
        if not name:
            raise falcon.HTTPForbidden(description="a node shows its certificate")
        req.context.peer = name
        if (req.content_length or 0) > LARGEST_BODY:
            raise falcon.HTTPContentTooLarge(description=f"at most {LARGEST_BODY} bytes")

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Do what waits for the database beside the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work)

    def said(self, name: str, applied: int) -> None:
        """Keep, to be written soon, that a peer was here and what it has applied."""
        self._seen[name] = (applied, utc_now(), self.log.head)

    async def _note_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_NOTES_EVERY_S)
            if self._seen:
                seen, self._seen = self._seen, {}
                try:
                    await self.in_thread(partial(self._note, seen))
                except (Unavailable, DBAPIError):
                    self._seen = {**seen, **self._seen}  # the follower says why

    def _note(self, seen: dict[str, tuple[int, object, int]]) -> None:
        with transaction(self.engine) as session:
            session.execute(
                _NOTE,
                {
                    "names": list(seen),
                    "places": [one[0] for one in seen.values()],
                    "ats": [one[1] for one in seen.values()],
                    "heads": [one[2] for one in seen.values()],
                },
            )


class Hello:
    """Falcon resource: two nodes tell each other where they are."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with this node's side; the body is the peer's."""
        said = await _said(req)
        answer = await self._hub.in_thread(lambda: self._greet(req.context.peer, said))
        resp.media = {"name": self._hub.name, **answer}

    def _greet(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        with transaction(self._hub.engine) as session:
            return greet(session, name, said)


class Compare:
    """Falcon resource: what the host has of a table, for a peer that is compared as a whole."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with hashes or rows, as the body asks."""
        try:
            asked = Asked.read(await body(req))
        except (ValueError, KeyError, TypeError) as error:
            raise falcon.HTTPBadRequest(description=f"nothing to compare: {error}") from error
        answer = await self._hub.in_thread(lambda: self._answer(req.context.peer, asked))
        resp.content_type = wire.CONTENT_TYPE
        resp.data = answer

    def _answer(self, name: str, asked: Asked) -> bytes:
        with transaction(self._hub.engine, read_only=True) as session:
            reader = reader_of(session, peer_named(session, name))
            return asked.answer(OwnSide(session, reader))


class Changes:
    """Falcon resource: changes for a peer, and changes from it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Give what comes after a place; wait for it when there is nothing yet."""
        name, hub = req.context.peer, self._hub
        after = req.get_param_as_int("after", required=True, min_value=0)
        # A peer may ask for the next part while it still applies this one, and then says so.
        applied = req.get_param_as_int("applied", default=after, min_value=0)
        wait = req.get_param_as_float("wait", default=0.0, min_value=0.0, max_value=LONGEST_WAIT_S)
        epoch = req.get_param_as_uuid("epoch", required=True)
        more = hub.log.subscribe()
        try:
            if hub.log.head <= after and wait and hub.log.epoch == epoch:
                await _set(more, wait)
            if hub.log.epoch is not None and epoch != hub.log.epoch:
                raise falcon.HTTPConflict(title="epoch", description="this queue has begun anew")
            data = hub.log.read(name, after)
            if data is None:
                data = await hub.in_thread(lambda: self._from_database(name, after, epoch))
        finally:
            hub.log.unsubscribe(more)
        hub.said(name, min(applied, after))
        resp.content_type = wire.CONTENT_TYPE
        resp.data = data

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Apply what a peer brings; the answer says up to where."""
        data = await body(req)
        resp.media = await self._hub.in_thread(lambda: self._apply(req.context.peer, data))

    def _from_database(self, name: str, after: int, epoch: UUID) -> bytes:
        with transaction(self._hub.engine) as session:
            part = give(session, name, after=after)
            if part.epoch == epoch and after < begins_after(session):
                # A node that slept for longer than the queue is kept did not notice, and asks on.
                raise OutOfStep(
                    f"the queue no longer has all that comes after {after}",
                    hint="it has to say hello first",
                )
            return wire.encode(part)

    def _apply(self, name: str, data: bytes) -> dict[str, int]:
        part = wire.decode(data)
        with transaction(self._hub.engine) as session:
            applied = take(session, name, part, is_host=True)
        return {"received": applied.upto, "conflicts": applied.conflicts, "parked": applied.parked}


def create_hub(engine: Engine, trainwreck: Engine, name: str) -> falcon.asgi.App[Any, Any]:
    """Build the hub of the host that is called `name`."""
    hub = Hub(engine, name)
    app = falcon.asgi.App(middleware=[hub])
    app.add_route("/datasync/hello", Hello(hub))
    app.add_route("/datasync/changes", Changes(hub))
    app.add_route("/datasync/compare", Compare(hub))
    app.add_route("/datasync/sales", Sales(hub, trainwreck))
    app.add_route("/datasync/sales/next", CustomersSales(hub, trainwreck))
    app.add_error_handler(NotInStep, _answer(falcon.HTTP_FORBIDDEN, "not_in_step"))
    app.add_error_handler(OutOfStep, _answer(falcon.HTTP_CONFLICT, "out_of_step"))
    app.add_error_handler(wire.Garbled, _answer(falcon.HTTP_BAD_REQUEST, "garbled"))
    app.add_error_handler(Unavailable, _unavailable)
    app.add_error_handler(DBAPIError, _unavailable)
    return app


def _answer(status: str, title: str) -> Callable[..., Awaitable[None]]:
    """Return what answers an error of ours: its words, and its hint."""

    async def handler(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, error: Exception, _params: object
    ) -> None:
        log.warning("a peer was refused", extra={"peer": req.context.peer, "reason": str(error)})
        resp.status = status
        hint = error.hint if isinstance(error, PoserError) else ""
        resp.media = {"title": title, "description": str(error), "hint": hint}

    return handler


async def _unavailable(
    _req: falcon.asgi.Request, resp: falcon.asgi.Response, error: Exception, _params: object
) -> None:
    log.warning("the database does not answer", extra={"reason": " ".join(str(error).split())})
    resp.status = falcon.HTTP_SERVICE_UNAVAILABLE
    resp.media = {"title": "unavailable", "description": "the host's database does not answer"}


async def _said(req: falcon.asgi.Request) -> dict[str, Any]:
    """Read a greeting; what it must have is its epoch and the end of its queue."""
    data = await body(req)
    try:
        said = json.loads(data)
        columns = said.get("columns", {})
        return {
            "epoch": UUID(said["epoch"]),
            "head": int(said["head"]),
            "release": str(said.get("release", "")),
            "columns": {str(table): [str(one) for one in columns[table]] for table in columns},
            "held": str(said.get("held", "")),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise falcon.HTTPBadRequest(description=f"no greeting: {error}") from error


async def _set(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
