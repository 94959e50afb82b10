# SPDX-License-Identifier: Apache-2.0
"""Dialling the host for as long as it works, and noting for `status` why it does not."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, update

from poser.config import Config
from poser.datasync.client import Line, address
from poser.db import transaction
from poser.errors import PoserError
from poser.model import DatasyncPeer, NodeKind, PeerState


@contextmanager
def dialled(engine: Engine, config: Config) -> Iterator[Line]:
    """Hold a line to the host; what ends it is noted at the host until they greet again."""
    try:
        with Line(address(config)) as line:
            yield line
    except PoserError as error:
        _note(engine, " ".join(str(error).split()))
        raise


def _note(engine: Engine, why: str) -> None:
    """Note what is wrong; a host that is paused or held says already why."""
    host = update(DatasyncPeer).where(
        DatasyncPeer.kind == NodeKind.HOST,
        DatasyncPeer.state == PeerState.ACTIVE,
        DatasyncPeer.note != why,
    )
    with transaction(engine) as session:
        session.execute(host.values(note=why))
