# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S608
# Statements are made from names of our own role.
"""Resources of PostgreSQL as plain steps: files, restarts, and statements under a query."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from poser.errors import PoserError
from poser.machine.resource import Resource
from poser.machine.resources.postgresql import PgCluster, PgDatabase, PgRole

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


def _cluster(one: PgCluster) -> Iterator[Step]:
    make = ("pg_createcluster", "--encoding=UTF8", "--locale=C.UTF-8", one.version, "main")
    yield {
        "do": "command",
        "name": one.key,
        "run": list(make),
        "unless": [],
        "creates": f"/var/lib/postgresql/{one.version}/main/PG_VERSION",
        "user": "root",
        "stdin": "",
    }
    yield server_step(one.version)


def server_step(
    version: str, *, restart_on: Sequence[str] = (), reload_on: Sequence[str] = ()
) -> Step:
    """Return the step that has the server of a cluster run with these files."""
    return {
        "do": "service",
        "unit": f"postgresql@{version}-main.service",
        "enabled": False,
        "running": True,
        "restart_on": list(restart_on),
        "reload_on": list(reload_on),
    }


def _role(one: PgRole) -> Iterator[Step]:
    options = (
        f"{'LOGIN' if one.login else 'NOLOGIN'} {'CREATEDB' if one.createdb else 'NOCREATEDB'}"
    )
    there = (
        f"rolname = {literal(one.name)} AND rolcanlogin = {one.login}"
        f" AND rolcreatedb = {one.createdb} AND rolpassword IS NULL"
    )
    if one.password is not None:
        raise PoserError(f"bench/provision knows no password of a database role: {one.key}")
    yield step(
        one.key,
        "postgres",
        f"SELECT EXISTS (SELECT FROM pg_authid WHERE {there})",
        _psql("postgres", f'CREATE ROLE "{one.name}" {options}'),
    )


def _database(one: PgDatabase) -> Iterator[Step]:
    owned = f"datname = {literal(one.name)} AND pg_get_userbyid(datdba) = {literal(one.owner)}"
    how = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
    yield step(
        one.key,
        "postgres",
        f"SELECT EXISTS (SELECT FROM pg_database WHERE {owned})",
        _psql("postgres", f'CREATE DATABASE "{one.name}" OWNER "{one.owner}" {how}'),
    )
    for extension in one.extensions:
        yield step(
            f"extension {extension} of {one.name}",
            one.name,
            f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(extension)})",
            _psql(one.name, f'CREATE EXTENSION "{extension}"'),
        )


TRANSLATED: dict[type[Resource], Callable[[Any], Iterator[Step]]] = {
    PgCluster: _cluster,
    PgDatabase: _database,
    PgRole: _role,
}
