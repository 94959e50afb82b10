# SPDX-License-Identifier: Apache-2.0
"""Runs on the store of the bench: applies what its own NATS server, a leaf node, has mirrored.

`nats_take.py HOST`: parts are applied as the daemon applies them, and then acknowledged. Those that
wait are joined to one: over HTTPS, too, a store that is behind gets all that it lacks at once.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace

import nats
from nats.errors import TimeoutError as NothingYet
from nats.js.api import ConsumerConfig, ExternalStream, StreamConfig, StreamSource

import poser.model
from poser.config import load
from poser.datasync import wire
from poser.datasync.exchange import take
from poser.datasync.reading import Part
from poser.db import engine, transaction
from poser.db.settings import url

WAIT_S = 5.0
AT_ONCE = 64


async def apply(host: str) -> None:
    """Apply until killed; what comes again because nobody acknowledged it changes nothing."""
    poser.model.load()
    database = engine(url(load(), "poser"))
    line = await nats.connect("nats://127.0.0.1:4222")
    stream = line.jetstream()
    over_the_leaf = ExternalStream(api="$JS.host.API", deliver="")
    await stream.add_stream(
        StreamConfig(name="HERE", mirror=StreamSource(name="PARTS", external=over_the_leaf))
    )
    taking = await stream.pull_subscribe(
        "", durable="store", stream="HERE", config=ConsumerConfig(durable_name="store")
    )

    def write(parts: Sequence[Part]) -> None:
        with transaction(database) as session:
            take(session, host, joined(parts), is_host=False)

    while True:
        try:
            messages = await taking.fetch(AT_ONCE, timeout=WAIT_S)
        except NothingYet:
            continue
        await asyncio.to_thread(write, [wire.decode(one.data) for one in messages])
        for one in messages:
            await one.ack()


def joined(parts: Sequence[Part]) -> Part:
    """Make one part of some that follow each other."""
    changes = [change for part in parts for change in part.changes]
    return replace(parts[-1], after=parts[0].after, changes=changes)


asyncio.run(apply(sys.argv[1]))
