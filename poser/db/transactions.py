# SPDX-License-Identifier: Apache-2.0
"""One way to open a transaction; only the edge of the program commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from poser.errors import Unavailable


@contextmanager
def transaction(engine: Engine, *, read_only: bool = False) -> Iterator[Session]:
    """Open a session in a transaction: commits at the end, rolls back on any error.

    With `read_only` PostgreSQL refuses to write. Raises Unavailable when the database
    cannot be reached; errors inside the block pass through as they are.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            session.connection(execution_options={"postgresql_readonly": read_only})
        except OperationalError as error:
            raise unavailable(engine, error) from error
        yield session
        session.commit()


def unavailable(engine: Engine, error: OperationalError) -> Unavailable:
    """Say in one sentence that the database behind `engine` does not answer, and why."""
    words = " ".join(str(error.orig).split())
    return Unavailable(
        f"database {engine.url.database!r} does not answer: {words}",
        hint="is PostgreSQL running, and is the address in the settings right?",
    )
