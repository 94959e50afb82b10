# SPDX-License-Identifier: Apache-2.0
"""Engines: pooled connections to one database, with time limits on everything."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from poser.db.limited import said_to_postgresql
from poser.errors import ConfigError

CONNECT_TIMEOUT_S = 5
_KINDS = 200


def engine(
    url: str,
    *,
    application: str = "poser",
    pool_size: int = 5,
    statement_timeout_ms: int = 60_000,
    lock_timeout_ms: int = 10_000,
    idle_timeout_ms: int = 60_000,
) -> Engine:
    """Make an engine for `url`; nothing connects before the first transaction.

    `application` names the process in pg_stat_activity. A timeout of 0 means none;
    `idle_timeout_ms` ends a transaction that its process forgot. Connections of work that is
    limited say so (poser.db.limited). Raises ConfigError for something that is not a PostgreSQL
    address.
    """
    settings = {
        "timezone": "UTC",
        "statement_timeout": statement_timeout_ms,
        "lock_timeout": lock_timeout_ms,
        "idle_in_transaction_session_timeout": idle_timeout_ms,
        **said_to_postgresql(),
    }
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            f"not a database address: {url!r}", hint="write postgresql+psycopg2://USER@HOST/NAME"
        ) from error
    if address.get_backend_name() != "postgresql":
        raise ConfigError(
            f"{address.get_backend_name()} is not PostgreSQL: {address.render_as_string()}",
            hint="write postgresql+psycopg2://USER@HOST/NAME",
        )
    return create_engine(
        address.set(drivername="postgresql+psycopg2"),
        hide_parameters=True,  # values in tracebacks would reach the log
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        # Each kind of statement that is kept compiled takes 20 kB in every process: people who
        # filter and order grids as they like would fill SQLAlchemy's own 500 to 750 with theirs.
        query_cache_size=_KINDS,
        connect_args={
            "application_name": application,
            "connect_timeout": CONNECT_TIMEOUT_S,
            # Else libpq loads and asks Kerberos, which no node has: a MiB in each process.
            "gssencmode": "disable",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )
