# SPDX-License-Identifier: Apache-2.0
"""What services that wait for work in the database have in common: how they open and close."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine

from poser.config import Config
from poser.db import engine
from poser.db.bell import Bell
from poser.db.settings import url
from poser.mail.logged import ErrorMail
from poser.settings import Live
from poser.starting import require_all_fits


@contextmanager
def waiting(config: Config, program: str, channel: str) -> Iterator[tuple[Engine, Bell]]:
    """Open the database and the bell of a channel; until the end, settings are followed.

    Raises PoserError when the database does not fit. What the program logs as errors is mailed.
    """
    address = url(config, "poser")
    live = Live(config, address, application=program)
    config.ask(live.read_once)
    require_all_fits(config, {"poser": address})
    pool = engine(address, application=program, pool_size=2)
    with Bell(pool, channel) as bell:
        errors = ErrorMail(address, program=program)
        live.start()
        errors.start()
        try:
            yield pool, bell
        finally:
            errors.close()
            live.stop()
            pool.dispose()


def on_stop(bell: Bell, stop: Callable[[], None]) -> None:
    """Call `stop`, and ring the bell, when systemd or a person says that it is enough."""

    def heard(*_signal: object) -> None:
        stop()
        with suppress(OSError):
            bell.ring()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
