# SPDX-License-Identifier: Apache-2.0
"""Whether a live schema is what the models say, and as tidy as all of ours are.

The models' tables are made in a schema of their own, both are read as PostgreSQL has them,
and the transaction is undone: nothing is compared that was not parsed by the server itself.
"""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.schema import CreateSchema

from poser.db.catalog import Line, lines, unindexed

_SILENT = """
SELECT 'function ' || p.oid::regprocedure::text AS what FROM pg_proc p
WHERE p.pronamespace = to_regnamespace('public') AND obj_description(p.oid, 'pg_proc') IS NULL
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'view ' || c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = to_regnamespace('public') AND c.relkind IN ('v', 'm', 'f')
    AND obj_description(c.oid, 'pg_class') IS NULL
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""
_LOOSE = """
SELECT 'function ' || p.oid::regprocedure::text AS what FROM pg_proc p
WHERE p.pronamespace = to_regnamespace('public') AND p.prosecdef
    AND NOT coalesce(array_to_string(p.proconfig, ','), '') LIKE '%search_path=%'
ORDER BY 1
"""
_FOREIGN = """
SELECT 'table ' || c.oid::regclass::text AS what FROM pg_class c
JOIN pg_database b ON b.datname = current_database()
WHERE c.relnamespace = to_regnamespace('public') AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND c.relowner <> b.datdba
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""
_OFF = """
SELECT 'trigger ' || t.tgrelid::regclass::text || '.' || t.tgname AS what FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = to_regnamespace('public') AND NOT t.tgisinternal AND t.tgenabled = 'D'
ORDER BY 1
"""


Lines = dict[str, Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it should be: what, and how."""

    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.what} {self.how}"


def differences(
    connection: Connection, metadata: MetaData, *, without: tuple[str, ...] = ()
) -> list[Difference]:
    """Compare the live schema with the models; an empty list says they are the same.

    Tables whose names start with one of `without` are left out: what extensions left there.
    The caller's transaction is rolled back. Needs the right to create a schema.
    """
    live, wanted = both(connection, metadata)
    names = sorted(live.keys() | wanted.keys())
    pairs = ((live.get(name), wanted.get(name)) for name in names)
    return [
        found
        for one, other in pairs
        if (found := _difference(one, other)) and not _is_left((one or other), without)
    ]


def both(connection: Connection, metadata: MetaData) -> tuple[Lines, Lines]:
    """Read the live schema, and the one that the models would make; rolls back."""
    live = lines(connection)
    wanted = _from_models(connection, metadata)
    connection.rollback()
    return live, wanted


def untidy(connection: Connection) -> list[Difference]:
    """Find what no model says and what every schema of ours keeps to all the same.

    Every table, column, view and function has a comment; every foreign key an index; every
    table the owner of the database; functions with the rights of their owner a search path
    of their own; no trigger is switched off.
    """
    here = lines(connection)
    silent = [
        one.what for one in here.values() if one.kind in {"table", "column"} and not one.comment
    ]
    found = [Difference(what=what, how="has no comment") for what in sorted(silent)]
    for statement, how in (
        (_SILENT, "has no comment"),
        (_LOOSE, "runs with its owner's rights and the caller's search_path"),
        (_FOREIGN, "does not belong to the owner of the database"),
        (_OFF, "is switched off"),
    ):
        found += [
            Difference(what=what, how=how) for what in connection.execute(text(statement)).scalars()
        ]
    found += [Difference(what=what, how="has no index") for what in unindexed(connection)]
    connection.rollback()
    return found


def _from_models(connection: Connection, metadata: MetaData) -> Lines:
    """Make the tables of the models in a schema of their own, and read that."""
    schema = f"check_{uuid4().hex[:12]}"
    connection.execute(CreateSchema(schema))
    path = {"path": f"{schema}, public"}
    connection.execute(text("SELECT set_config('search_path', :path, true)"), path)
    metadata.create_all(connection, checkfirst=False)
    return lines(connection, schema)


def _difference(live: Line | None, wanted: Line | None) -> Difference | None:
    if live is None and wanted is not None:
        return Difference(what=wanted.what, how="is missing")
    if wanted is None and live is not None:
        return Difference(what=live.what, how="is in no model")
    if live is None or wanted is None or live == wanted:
        return None
    if live.says != wanted.says:
        return Difference(what=live.what, how=f"is: {live.says}; the models say: {wanted.says}")
    return Difference(
        what=live.what,
        how=f"has the comment: {live.comment!r}; the models say: {wanted.comment!r}",
    )


def _is_left(line: Line | None, without: tuple[str, ...]) -> bool:
    return line is not None and any(line.of.startswith(f"{name}_") for name in without)
