# SPDX-License-Identifier: Apache-2.0
"""One way to open a transaction; only the edge of the program commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from poser.db.authors import Author, tell
from poser.db.refused import refused
from poser.errors import Unavailable


@contextmanager
def transaction(
    engine: Engine, *, read_only: bool = False, author: Author | None = None
) -> Iterator[Session]:
    """Open a session in a transaction: commits at the end, rolls back on any error.

    With `read_only` PostgreSQL refuses to write. What is written is kept in the history as
    made by `author`, or else by the one of `poser.db.authors.authored`. Raises Unavailable
    when the database cannot be reached, and Refused when it refuses a row at a rule; other
    errors inside the block pass through as they are.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            connection = session.connection(execution_options={"postgresql_readonly": read_only})
            if not read_only:
                tell(connection, author)
        except OperationalError as error:
            raise unavailable(engine, error) from error
        try:
            yield session
            session.commit()
        except (IntegrityError, DataError) as error:
            raise _in_words(session, error) from error


def _in_words(session: Session, error: DBAPIError) -> Exception:
    """Say why a row was refused; the transaction is rolled back before names are looked up."""
    session.rollback()
    try:
        return refused(error, session.connection()) or error
    except OperationalError:  # the server went away meanwhile
        return refused(error) or error


def unavailable(engine: Engine, error: OperationalError) -> Unavailable:
    """Say in one sentence that the database behind `engine` does not answer, and why."""
    words = " ".join(str(error.orig).split())
    return Unavailable(
        f"database {engine.url.database!r} does not answer: {words}",
        hint="is PostgreSQL running, and is the address in the settings right?",
    )
