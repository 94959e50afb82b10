# SPDX-License-Identifier: Apache-2.0
"""A node as its people meet it: the web app, the service of long work, and the event streams."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.browser.front import front
from tests.web.running import CHECKOUT, free_port, running, stop, write_settings

_STARTS_WITHIN_S = 60.0


@contextmanager
def node(folder: Path, urls: Mapping[str, str], **web: str) -> Iterator[int]:
    """Run a whole node until the block ends; gives the port where browsers come in."""
    beside = folder / "beside"
    beside.mkdir()
    events = free_port()
    settings = write_settings(beside, urls, bind=f"127.0.0.1:{events}", **web)
    with settings.open("a") as file:
        file.write(f"[events]\nbind = 127.0.0.1:{events}\n")
    with ExitStack() as stack:
        app = stack.enter_context(running(folder, urls, **web))
        for module in ("poser.tasks.serve", "web.events.serve"):
            stack.callback(stop, start_service(module, settings))
        yield stack.enter_context(front(app.port, events))


def start_service(module: str, settings: Path) -> subprocess.Popen[bytes]:
    """Start a service, and wait until it says that it is ready."""
    log = settings.with_name(module + ".log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, log.open("w") as errors:
        told.bind(str(settings.with_name(module)))
        told.settimeout(1)
        clean = {k: v for k, v in os.environ.items() if k != "POSER_CONFIG"}
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--config", str(settings)],
            cwd=CHECKOUT,
            env={**clean, "NOTIFY_SOCKET": str(settings.with_name(module))},
            stderr=errors,
        )
        give_up = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < give_up:
            with suppress(TimeoutError):
                if b"READY=1" in told.recv(4096):
                    return process
            if process.poll() is not None:
                break
    process.kill()
    process.wait()
    raise AssertionError(f"{module} did not start: {log.read_text()}")
