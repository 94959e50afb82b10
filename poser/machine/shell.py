# SPDX-License-Identifier: Apache-2.0
"""Many commands over one channel, for verification: each costs a process, not an SSH session."""

from __future__ import annotations

import json
import select
from base64 import b64encode

from poser.errors import WireError
from poser.machine import state
from poser.machine.peer import GONE, Cut
from poser.machine.process import Child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.peer import Peer


def shell(peer: Peer) -> None:
    """Run what `run` frames say and answer each with "ran", until the other side closes."""
    while (frame := peer.frame()) is not None:
        name, data = frame
        asked = json.loads(data)
        if name == "run":
            _run(peer, asked["command"])
        elif name == "verified":
            state.verified(str(asked["values_sha256"]))
            peer.emit("verified", values_sha256=asked["values_sha256"])
        else:
            raise WireError(f"there is no frame {name!r} in shell mode")


def _run(peer: Peer, command: str) -> None:
    """Run one line of shell; end it when nobody listens any more."""
    child = Child(("/bin/sh", "-c", command))
    poll = select.poll()
    poll.register(child.pidfd, select.POLLIN)
    poll.register(peer.fd, GONE)
    ready = [fd for fd, _ in poll.poll()]
    if child.pidfd not in ready:
        child.stop()
        child.end()
        raise Cut
    rc, out, err = child.end_raw()
    peer.emit("ran", rc=rc, out=b64encode(out).decode(), err=b64encode(err).decode())
