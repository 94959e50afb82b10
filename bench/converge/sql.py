# SPDX-License-Identifier: Apache-2.0
"""Resources of PostgreSQL as plain steps: files, restarts, and statements under a query."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from poser.machine.resource import Resource
from poser.machine.resources.postgresql import PgCluster, PgDatabase, PgHba, PgRole, PgSettings

Step = dict[str, Any]


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def step(
    name: str,
    database: str,
    query: str,
    run: Sequence[str],
    *,
    user: str = "postgres",
    stdin: str = "",
) -> Step:
    """Return the step that runs a command unless a query of one boolean answers yes."""
    return {
        "do": "sql",
        "name": name,
        "database": database,
        "query": query,
        "run": list(run),
        "user": user,
        "stdin": stdin,
    }


def _psql(database: str, statement: str) -> tuple[str, ...]:
    return ("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement)


def _role(one: PgRole, memory_kib: int) -> Iterator[Step]:
    del memory_kib
    options = f"{'LOGIN' if one.login else 'NOLOGIN'} {'CREATEDB' if one.createdb else 'NOCREATEDB'}"
    there = f"rolname = {literal(one.name)} AND rolcanlogin = {one.login}"
    yield step(
        one.key,
        "postgres",
        f"SELECT EXISTS (SELECT FROM pg_roles WHERE {there})",
        _psql("postgres", f'CREATE ROLE "{one.name}" {options}'),
    )


def _database(one: PgDatabase, memory_kib: int) -> Iterator[Step]:
    del memory_kib
    owned = f"datname = {literal(one.name)} AND pg_get_userbyid(datdba) = {literal(one.owner)}"
    yield step(
        one.key,
        "postgres",
        f"SELECT EXISTS (SELECT FROM pg_database WHERE {owned})",
        _psql("postgres", f'CREATE DATABASE "{one.name}" OWNER "{one.owner}"'),
    )
    for extension in one.extensions:
        yield step(
            f"extension {extension} of {one.name}",
            one.name,
            f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(extension)})",
            _psql(one.name, f'CREATE EXTENSION "{extension}"'),
        )


TRANSLATED: dict[type[Resource], Callable[[Any, int], Iterator[Step]]] = {
    PgDatabase: _database,
    PgRole: _role,
}
