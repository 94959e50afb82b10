# SPDX-License-Identifier: Apache-2.0
"""One program at a time works on a batch, and a program that died is found out.

The lock is PostgreSQL's and belongs to the connection: it goes when the program goes, so a
batch that says "executing" while nobody holds its lock was left by one that died.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from poser.db.authors import tell
from poser.db.transactions import unavailable
from poser.errors import Unavailable


@contextmanager
def working(engine: Engine, number: int) -> Iterator[Session]:
    """Open a session for long work on a batch, which no other program does meanwhile.

    Whoever works commits, as often as needed, and begins each transaction by `begun`. Raises
    Unavailable while another program works on it, and when the database does not answer.
    """
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise unavailable(engine, error) from error
    name = {"name": f"batch {number}"}
    with connection, Session(connection, expire_on_commit=False) as session:
        taken = session.execute(
            text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), name
        ).scalar_one()
        session.commit()
        if not taken:
            raise Unavailable(
                f"another program works on batch {number} right now",
                hint=f"`poser batch show {number}` tells when it is done",
            )
        try:
            yield session
        finally:
            session.rollback()
            session.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), name)
            session.commit()


def begun(session: Session) -> None:
    """Begin a transaction anew, and tell PostgreSQL who its author is."""
    session.rollback()
    session.expire_all()
    tell(session.connection())
