# SPDX-License-Identifier: Apache-2.0
"""Runs on the host of the bench: publishes the host's queue for one store to NATS JetStream.

`nats_give.py PEER AFTER`: what comes after a place, part by part, as the hub would give it.
"""

import asyncio
import sys

import nats
from nats.js.api import StreamConfig

import poser.model
from poser.config import load
from poser.datasync import wire
from poser.datasync.exchange import give
from poser.datasync.moving import CHANNEL
from poser.datasync.reading import Part
from poser.db import engine, transaction
from poser.db.bell import Bell
from poser.db.settings import url

LOOK_S = 1.0


async def publish(peer: str, after: int) -> None:
    """Publish until killed; a part that is published twice counts once."""
    poser.model.load()
    database = engine(url(load(), "poser"))
    line = await nats.connect("nats://127.0.0.1:4222")
    stream = line.jetstream(domain="host")
    await stream.add_stream(StreamConfig(name="PARTS", subjects=["parts.*"]))

    def read() -> Part:
        with transaction(database, read_only=True) as session:
            return give(session, peer, after=after)

    with Bell(database, CHANNEL) as bell:
        while True:
            bell.listen()
            part = await asyncio.to_thread(read)
            if part.upto > after:
                once = {"Nats-Msg-Id": f"{part.epoch} {part.after}"}
                await stream.publish(f"parts.{peer}", wire.encode(part), headers=once)
                after = part.upto
            else:
                await asyncio.to_thread(bell.wait, LOOK_S)


asyncio.run(publish(sys.argv[1], int(sys.argv[2])))
