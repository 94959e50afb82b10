# SPDX-License-Identifier: Apache-2.0
"""Running an app under gunicorn: what the web app and the event streams have in common."""

import ctypes
import gc
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # no types

from poser.config import Config, Setting
from poser.errors import ConfigError
from poser.mail.logged import ErrorMail
from poser.settings import Live
from web.arbiter import WORKER_TIMEOUT_S
from web.language import catalogues
from web.settings import BIND, THREADS, WORKERS, Listen
from web.surroundings import Surroundings
from web.worker import PatientOnlySoLong

STOP_S = 10
"""How long requests that are being answered may still take when the app stops."""

_BACKLOG = 1024
_C = ctypes.CDLL(None)
_M_ARENA_MAX = -8  # Source: malloc.h of glibc 2.36
_LONGEST_LINE = 8190


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """The web app as gunicorn runs it."""

    def __init__(self, wsgi: Callable[..., Any], options: Mapping[str, object]) -> None:
        self._wsgi = wsgi
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run; it reads no file of its own."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Give the app, which was made before the workers."""
        return self._wsgi


def options(
    config: Config,
    workers: Setting[int] = WORKERS,
    threads: Setting[int] = THREADS,
    name: str = "poser-web",
) -> dict[str, object]:
    """Choose how gunicorn runs; it must not find out by itself, from files or the environment."""
    return {
        "bind": [],
        "workers": workers(config),
        "threads": threads(config),
        "worker_class": PatientOnlySoLong,
        # Where signs of life are written: the one place the unit may write to.
        "worker_tmp_dir": os.environ.get("RUNTIME_DIRECTORY") or None,
        "timeout": WORKER_TIMEOUT_S,
        "graceful_timeout": STOP_S,
        "keepalive": 75,
        "preload_app": True,
        "control_socket_disable": True,
        "limit_request_line": _LONGEST_LINE,
        "limit_request_fields": 60,
        # Forwarded addresses are believed on the Unix socket only, where nginx is.
        "forwarded_allow_ips": "",
        "proc_name": name,
        "accesslog": None,
        "loglevel": "warning",
    }


def in_each_worker(live: Live, errors: ErrorMail) -> Callable[[object], None]:
    """Return what each worker does when it is ready: follow the settings, mail its errors."""

    def begin(worker: object) -> None:  # noqa: ARG001 - gunicorn's signature
        live.start()
        errors.start()

    return begin


def before_forking(site: Surroundings) -> None:
    """Leave no connection for two processes to share, and memory in the best order for it."""
    site.close()
    # What each worker would do at its first request, in memory of its own.
    catalogues()
    site.templates["layout.pt"]  # reads, too, of which version every installed package is
    gc.collect()
    gc.freeze()
    _C.mallopt(_M_ARENA_MAX, 1)  # one thread runs at a time: heaps of their own are of no use
    _C.malloc_trim(0)  # what was made and left on the way: a tenth of a worker


def is_activated() -> bool:
    """Tell whether systemd handed sockets over; gunicorn takes them by itself."""
    return os.environ.get("LISTEN_PID") == str(os.getpid())


def open_line(where: Listen, setting: str = BIND.name) -> int:
    """Open the socket here: gunicorn would chown it, which a hardened unit may not."""
    try:
        line = _unix_socket(where.path) if where.path else _loopback_socket(where)
    except OSError as error:
        place = where.path or f"{where.address}:{where.port}"
        raise ConfigError(
            f"{setting}: cannot listen at {place}: {error.strerror}",
            hint="does another program listen there, and may this user write there?",
        ) from error
    line.listen(_BACKLOG)
    return line.detach()


def _unix_socket(path: Path) -> socket.socket:
    if path.is_socket():
        path.unlink()
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(path))
    # The folder says who gets this far: its group is the web server's.
    path.chmod(0o660)
    return line


def _loopback_socket(where: Listen) -> socket.socket:
    line = socket.socket(socket.AF_INET6 if ":" in where.address else socket.AF_INET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.bind((where.address, where.port))
    return line
