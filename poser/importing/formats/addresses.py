# SPDX-License-Identifier: Apache-2.0
"""Addresses of other databases, and what goes wrong behind them, in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from poser.errors import ImportFailed, Unavailable

POSTGRESQL, SQLITE = "postgresql", "sqlite"
_CONNECT_TIMEOUT_S = 10


def url_of(address: str, *, writes: bool = False) -> tuple[URL, str]:
    """Read an address; also give it for people. Raises ImportFailed for what is none."""
    if "://" not in address:
        address = f"sqlite:///{address}"
    try:
        url = make_url(address)
        backend = url.get_backend_name()
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise ImportFailed(
            f"{address!r} is no address of a database",
            hint="such as postgresql://USER@HOST/NAME, or the path of an SQLite file",
        ) from error
    if backend == POSTGRESQL:
        url = url.set(drivername="postgresql+psycopg2")
    if backend == SQLITE and url.database:
        path = Path(url.database).absolute()
        if not path.is_file():
            raise ImportFailed(f"cannot read {path}: no such file", hint="check the path")
        # SQLite would make the file, and could write it.
        mode = "rw" if writes else "ro"
        return url.set(database=f"file:{path}", query={"mode": mode, "uri": "true"}), str(path)
    return url, url.render_as_string(hide_password=True)


def arguments(url: URL) -> dict[str, dict[str, object]]:
    """Say how its driver connects."""
    if url.get_backend_name() != POSTGRESQL:
        return {}
    return {
        "connect_args": {
            "application_name": "poser import",
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "options": "-c timezone=UTC",
        }
    }


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Say what went wrong with a database in one sentence."""
    try:
        yield
    except DBAPIError as error:
        words = " ".join(str(error.orig).split())
        if error.connection_invalidated or "connect" in words:
            raise Unavailable(
                f"{name} does not answer: {words}", hint="is it running, and reachable from here?"
            ) from error
        raise ImportFailed(f"{name}: {words}", hint="nothing was changed") from error
    except ModuleNotFoundError as error:
        raise ImportFailed(
            f"{name}: this node has no driver for it ({error.name})",
            hint="PostgreSQL and SQLite need none; export others to CSV",
        ) from error
    except SQLAlchemyError as error:
        raise ImportFailed(f"{name}: {error}", hint="nothing was changed") from error
