# SPDX-License-Identifier: Apache-2.0
"""The process that serves packages to one lab until it is told to end.

Usage: `python -m control.aptcache`, with one JSON object on standard input: `lock`, `lab`,
`network`, `port`, `folder`, `hosts` and `owner` ([user id, group id]).
"""

import json
import logging
import os
import signal
import sys
from ipaddress import IPv4Network
from pathlib import Path
from types import FrameType
from typing import NoReturn

from control.aptcache.server import Server
from control.aptcache.store import Store
from control.lab.locks import hold
from control.lab.network import LabNetwork

_FIELDS = ("client", "what", "url", "reason")


def main() -> int:
    """Serve until SIGTERM; 0 also when another process serves this lab already."""
    given = json.load(sys.stdin)
    _log_to_stderr()
    if not hold(Path(given["lock"])):
        return 0
    network = LabNetwork(id=given["lab"], network=IPv4Network(given["network"]))
    listener = network.listen(given["port"])
    _become(*given["owner"])
    store = Store(Path(given["folder"]), given["hosts"])
    signal.signal(signal.SIGTERM, _end)
    Server(listener, store).serve_forever()
    return 0


def _log_to_stderr() -> None:
    fields = " ".join(f"%({name})s" for name in _FIELDS)
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter(
            f"%(asctime)s %(levelname)s %(message)s {fields}", defaults=dict.fromkeys(_FIELDS, "")
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _become(user: int, group: int) -> None:
    """Give up root: what comes from the network is handled, and kept, as the person's own."""
    if os.geteuid() == 0 and user != 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)


def _end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a signal handler
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
