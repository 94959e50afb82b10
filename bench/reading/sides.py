# SPDX-License-Identifier: Apache-2.0
"""Ways to read one setting: ours, and one query for each read."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg2
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.measure.cluster import Cluster
from poser.config import Config, Flag, load
from poser.db import engine
from poser.db.migrations import upgrade
from poser.model import SettingRow
from poser.settings import Live
from web.settings import THREADS, WORKERS

DATABASE = "poser"
ROLES = ("poser", "poser_owner")
OTHER_ROWS = 500
WAIT_S = 10.0

NEW_PAGE = Flag("bench.new_page", doc="A feature that is on for one user role.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to read: `read` reads once, and is called `reads` times in each round."""

    name: str
    read: Callable[[], object]
    wanted: object
    reads: int
    is_ours: bool


def fill(cluster: Cluster) -> UUID:
    """Make the database with its rows; returns the user role that has the flag."""
    cluster.execute(*(f"CREATE ROLE {role} LOGIN" for role in ROLES))
    cluster.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    upgrade(DATABASE, cluster.url(DATABASE))
    with psycopg2.connect(cluster.dsn(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_roles (name) VALUES ('Buyers') RETURNING id::text")
        (role,) = cursor.fetchone() or ("",)
        cursor.execute(
            "INSERT INTO settings (name, user_role_id, value) VALUES ('web.workers', NULL, '7'),"
            " ('bench.new_page', %s, 'yes')",
            (role,),
        )
        # As many as a node with every feature may have; a read must not depend on it.
        cursor.execute(
            "INSERT INTO settings (name, value) SELECT 'other.setting_' || n, n::text"
            " FROM generate_series(1, %s) AS n",
            (OTHER_ROWS,),
        )
    connection.close()
    return UUID(role)


@contextmanager
def ways(cluster: Cluster, folder: Path, role: UUID) -> Iterator[list[Way]]:
    """Give all ways, ready to be measured."""
    path = folder / "poser.conf"
    path.write_text(f"[db]\nurl = {cluster.url(DATABASE)}\n[web]\nthreads = 9\n")
    config = load([path], environment={})
    opened = engine(cluster.url(DATABASE), application="a reader", pool_size=1)
    with ExitStack() as stack:
        stack.callback(opened.dispose)
        live = Live(config, cluster.url(DATABASE), application="ours")
        live.start()
        stack.callback(live.stop)
        assert live.wait(WAIT_S), "the settings are not followed"
        bare = psycopg2.connect(cluster.dsn(DATABASE), application_name="a reader")
        bare.autocommit = True
        stack.callback(bare.close)

        def by_orm() -> object:
            with Session(opened) as session:
                query = select(SettingRow).where(
                    SettingRow.name == "web.workers", SettingRow.user_role_id.is_(None)
                )
                return int(session.scalars(query).one().value)

        def by_driver() -> object:
            with bare.cursor() as cursor:
                cursor.execute("SELECT value FROM settings WHERE name = 'web.workers'")
                (value,) = cursor.fetchone() or (None,)
                return int(value)

        yield [*_ours(config, role), *_queries(by_orm, by_driver)]


def _ours(config: Config, role: UUID) -> Iterator[Way]:
    mine = frozenset({role, *(UUID(int=number) for number in range(4))})
    for name, read, wanted in (
        ("from a file", lambda: THREADS(config), 9),
        ("from the database", lambda: WORKERS(config), 7),
        ("a flag for user roles", lambda: NEW_PAGE(config, user_roles=mine), True),
    ):
        yield Way(name=name, read=read, wanted=wanted, reads=100_000, is_ours=True)


def _queries(*reads: Callable[[], object]) -> Iterator[Way]:
    names = ("a query: ORM, a session", "a query: bare, connected")
    for name, read in zip(names, reads, strict=True):
        yield Way(name=name, read=read, wanted=7, reads=300, is_ours=False)
