# SPDX-License-Identifier: Apache-2.0
r"""PostgreSQL: all questions in one psql, which goes from database to database by \connect.

Table `pg_cluster`, by "17/main": `config` (none, partial, complete), `data` (none, new: never
started, used), `socket`, whether a server listens.
Table `pg_role`, by name: None, or `login`, `createdb`, `verifier` (SCRAM, "" when none).
Table `pg_database`, by name: None, or `owner`, `extensions` (sorted).
Table `pg_pending`, by "": `names` of settings that wait for a restart.
Table `pg_heads`, by database: None without table alembic_version, else `heads` (sorted).
Table `pg_true`, by "DATABASE QUERY": `true`, whether the query gave true; a query that fails
(its table is not there yet) gave false.
All but pg_cluster are {"unknown": why} while the server cannot be asked.
"""

from __future__ import annotations

import json
import os

from poser.machine.accounts import Accounts
from poser.machine.process import Child, Result
from poser.machine.psql import PSQL_ENVIRONMENT, SOCKET, literal, psql

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from poser.machine.facts import Changes, Fact, Query

    Asked = Mapping[str, Sequence[str]]

TABLES = ("pg_cluster", "pg_role", "pg_database", "pg_pending", "pg_heads", "pg_true")
WAITS = True
# Every cluster has it.
_ALWAYS = "postgres"
_END = '{"table": "end"}'


def look(asked: Asked, root: str) -> Callable[[], Changes]:
    """Start psql, return a function that reads its answer."""
    clusters = {("pg_cluster", name): _cluster(root, name) for name in asked.get("pg_cluster", ())}
    queries = [(table, name) for table in TABLES[1:] for name in asked.get(table, ())]
    why_not = _why_not(root) if queries else ""
    if why_not or not queries:
        return lambda: clusters | {query: {"unknown": why_not} for query in queries}
    # Mostly all databases are there: to begin in one of them saves a connection.
    first = next(iter(_databases(asked)), _ALWAYS)
    child = _ask(asked, root, first)

    def answer() -> Changes:
        result = child.end()
        if first != _ALWAYS and not _is_whole(result):
            result = _ask(asked, root, _ALWAYS).end()
        if not _is_whole(result):
            why = result.last_words or f"psql ended with exit code {result.rc}"
            return clusters | {query: {"unknown": why} for query in queries}
        return clusters | read(queries, result.out.splitlines())

    return answer


def _why_not(root: str) -> str:
    """Return why the server cannot be asked, or "" when it can."""
    if psql(Accounts(root)) is None:
        return "PostgreSQL is not installed"
    return "" if os.path.exists(root + SOCKET) else "PostgreSQL does not run"


def _ask(asked: Asked, root: str, first: str) -> Child:
    command = psql(Accounts(root), first) or ()
    return Child(command, stdin=script(asked, first).encode(), environment=PSQL_ENVIRONMENT)


def _is_whole(result: Result) -> bool:
    return result.out.splitlines()[-1:] == [_END]


def _cluster(root: str, name: str) -> Fact:
    folder, data = f"{root}/etc/postgresql/{name}", f"{root}/var/lib/postgresql/{name}"
    # What Debian's pg_createcluster writes last, and what only a started server writes.
    complete = os.path.exists(f"{folder}/environment") and _includes(f"{folder}/postgresql.conf")
    used = os.path.exists(f"{data}/postmaster.opts")
    return {
        "config": _word(folder, "complete" if complete else "partial"),
        "data": _word(data, "used" if used else "new"),
        "socket": os.path.exists(root + SOCKET),
    }


def _word(folder: str, state: str) -> str:
    return state if os.path.isdir(folder) else "none"


def _includes(path: str) -> bool:
    """Say whether the configuration goes on in conf.d, as Debian's does."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return any(line.startswith("include_dir") for line in file)
    except OSError:
        return False


def script(asked: Asked, first: str = _ALWAYS) -> str:
    """Return what psql is to run when it begins in the database `first`.

    Every answer is one line of JSON, the last one says "end".
    """
    lines = (*_of_server(asked), *_of_databases(asked, first), f"\\echo {literal(_END)}", "")
    return "\n".join(lines)


def _of_server(asked: Asked) -> Iterator[str]:
    if roles := asked.get("pg_role"):
        fact = "'login', rolcanlogin, 'createdb', rolcreatedb, 'verifier', coalesce(rolpassword,'')"
        yield _row("pg_role", "rolname", fact, f"from pg_authid where rolname in {_list(roles)}")
    if databases := asked.get("pg_database"):
        fact = "'owner', pg_get_userbyid(datdba), 'extensions', '[]'::json"
        where = f"from pg_database where datname in {_list(databases)}"
        yield _row("pg_database", "datname", fact, where)
    if "pg_pending" in asked:
        names = "coalesce(json_agg(name order by name), '[]')"
        yield _row(
            "pg_pending", "''", f"'names', {names}", "from pg_settings where pending_restart"
        )


def _of_databases(asked: Asked, first: str) -> Iterator[str]:
    for database in _databases(asked):
        if database == first:
            yield from _of_database(asked, database)
            continue
        there = f"select from pg_database where datallowconn and datname = {literal(database)}"
        yield f"select exists({there}) as there \\gset\n\\if :there\n\\connect {_quoted(database)}"
        yield from _of_database(asked, database)
        yield "\\endif"


def _of_database(asked: Asked, database: str) -> Iterator[str]:
    if database in asked.get("pg_database", ()):
        names = "coalesce(json_agg(extname order by extname), '[]')"
        yield _row("extensions", literal(database), f"'names', {names}", "from pg_extension")
    if database in asked.get("pg_heads", ()):
        yield from _of_heads(database)
    for name in asked.get("pg_true", ()):
        if name.partition(" ")[0] == database:
            query = name.partition(" ")[2]
            yield _row("pg_true", literal(name), f"'true', coalesce(({query}), false)", "")


def _of_heads(database: str) -> Iterator[str]:
    """Ask for the newest migrations: each extension of the software keeps its own table of them."""
    names = "coalesce(json_agg(version_num order by version_num), '[]')"
    tables = (
        "from pg_class where relkind = 'r' and pg_table_is_visible(oid)"
        " and (relname = 'alembic_version' or starts_with(relname, 'alembic_version_'))"
    )
    one = "format('select version_num from %I', relname)"
    yield f"select count(*) > 0 as there, string_agg({one}, ' union all ') as heads {tables} \\gset"
    yield "\\if :there"
    yield _row("pg_heads", literal(database), f"'heads', {names}", "from (:heads) as found")
    yield "\\endif"


def _databases(asked: Asked) -> list[str]:
    named = [*asked.get("pg_database", ()), *asked.get("pg_heads", ())]
    named += [name.partition(" ")[0] for name in asked.get("pg_true", ())]
    return list(dict.fromkeys(named))


def _row(table: str, key: str, fact: str, tail: str) -> str:
    row = f"'table', '{table}', 'name', {key}, 'fact', json_build_object({fact})"
    return f"select json_build_object({row}) {tail};"


def _list(names: Sequence[str]) -> str:
    return f"({', '.join(literal(name) for name in names)})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def read(queries: Sequence[Query], lines: Sequence[str]) -> dict[Query, Fact]:
    """Return the facts from psql's lines; what no line speaks of is not there."""
    found: dict[Query, Fact] = dict.fromkeys(queries)
    found |= {query: {"true": False} for query in queries if query[0] == "pg_true"}
    for line in lines[:-1]:
        row = json.loads(line)
        if row["table"] == "extensions":
            database = found["pg_database", row["name"]]
            if database is not None:
                database["extensions"] = row["fact"]["names"]
        else:
            found[row["table"], row["name"]] = row["fact"]
    return found
