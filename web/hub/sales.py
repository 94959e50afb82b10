# SPDX-License-Identifier: Apache-2.0
"""POS transactions on their way: stores bring theirs, cloud nodes ask for what customers bought."""

import json
from typing import TYPE_CHECKING

import falcon
import falcon.asgi
from sqlalchemy import Engine, select

from poser.datasync import pos
from poser.datasync.exchange import NotInStep, peer_named
from poser.db import transaction
from poser.model import DatasyncPeer, NodeKind
from web.hub.bodies import body

if TYPE_CHECKING:
    from web.hub.app import Hub


class Sales:
    """Falcon resource: POS transactions that a store brings."""

    def __init__(self, hub: "Hub", trainwreck: Engine) -> None:
        self._hub = hub
        self._trainwreck = trainwreck

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Write those that are of the store's own."""
        data = await body(req)
        resp.media = await self._hub.in_thread(lambda: self._write(req.context.peer, data))

    def _write(self, name: str, data: bytes) -> dict[str, object]:
        with transaction(self._hub.engine, read_only=True) as session:
            stores = tuple(peer_named(session, name).stores)
        with transaction(self._trainwreck) as session:
            done = pos.unpack(session, data, stores)
        return {"written": done.told, "refused": done.refused}


class CustomersSales:
    """Falcon resource: what customers bought, for cloud nodes; one parcel after the other."""

    def __init__(self, hub: "Hub", trainwreck: Engine) -> None:
        self._hub = hub
        self._trainwreck = trainwreck

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Note what the peer has, and give it what comes next; an empty body is nothing."""
        data = await body(req)
        try:
            said = json.loads(data)
            told, from_start = tuple(map(int, said["told"])), said["from_start"] is True
        except (ValueError, KeyError, TypeError) as error:
            raise falcon.HTTPBadRequest(description=f"not what was told: {error}") from error
        name = req.context.peer
        resp.data = await self._hub.in_thread(lambda: self._next(name, told, from_start))

    def _next(self, name: str, told: tuple[int, ...], from_start: bool) -> bytes:  # noqa: FBT001
        with transaction(self._hub.engine, read_only=True) as session:
            if peer_named(session, name).kind != NodeKind.CLOUD:
                raise NotInStep(f"{name} is no cloud node, and learns of no other's sales")
            clouds = list(
                session.scalars(
                    select(DatasyncPeer.name).where(DatasyncPeer.kind == NodeKind.CLOUD)
                )
            )
        with transaction(self._trainwreck) as session:
            pos.forget(session, told, by=name, all_of=clouds)
            if from_start:
                pos.note_all(session, [one for one in clouds if one != name])
        with transaction(self._trainwreck, read_only=True) as session:
            parcel = pos.pack(session, peer=name, of_customers=True)
        return parcel.data if parcel is not None else b""
