# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL says about a schema: its tables, columns, rules and indexes, as lines.

Two schemas are the same when these are. Names of schemas and the order of columns are left
out. So are the partitions of a table, which come and go by the calendar, the tables that
keep versions of the schema, and what belongs to a table without being told by its model:
triggers and functions (see poser.db.checking).
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

_TABLES = """
    SELECT c.oid, c.relname, c.relkind FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND NOT starts_with(c.relname, 'alembic_version')
"""
_CATALOG = f"""
WITH tables AS ({_TABLES})
SELECT 'column' AS kind, t.relname AS of, a.attname AS name,
    format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || CASE WHEN a.attgenerated <> '' THEN ' generated' WHEN d.oid IS NOT NULL THEN ' default'
        ELSE '' END
    || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '')
    || CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END AS says,
    coalesce(col_description(t.oid, a.attnum), '') AS comment
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL
SELECT 'constraint', t.relname, r.conname, pg_get_constraintdef(r.oid),
    coalesce(obj_description(r.oid, 'pg_constraint'), '')
FROM tables t JOIN pg_constraint r ON r.conrelid = t.oid AND r.conparentid = 0
WHERE r.contype NOT IN ('n', 't')  -- not null, which the columns say; triggers are no models'
UNION ALL
SELECT 'index', t.relname, c.relname, pg_get_indexdef(c.oid), ''
FROM tables t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
UNION ALL
SELECT 'table', t.relname, '',
    CASE t.relkind WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(t.oid) ELSE '' END,
    coalesce(obj_description(t.oid, 'pg_class'), '')
FROM tables t
"""  # noqa: S608 - made of constants
_UNINDEXED = """
SELECT f.conrelid::regclass::text AS of, f.conname
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
WHERE f.contype = 'f' AND f.conparentid = 0 AND NOT c.relispartition
    AND f.connamespace = to_regnamespace(:schema)
    AND NOT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = f.conrelid
            AND (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1] @> f.conkey
    )
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One thing in a schema: what it is, the table it is of, its name, and what it says."""

    kind: str
    of: str
    name: str
    says: str
    comment: str

    @property
    def what(self) -> str:
        """Name it for people."""
        return f"{self.kind} {self.of}" + (f".{self.name}" if self.name else "")


def lines(connection: Connection, schema: str = "public") -> dict[str, Line]:
    """Read a schema; keyed by what each line is of.

    Definitions name other tables with their schema unless that is the first on the search
    path, so the path is set to `schema` until the end of the transaction.
    """
    path = {"path": f"{schema}, public" if schema != "public" else "public"}
    connection.execute(text("SELECT set_config('search_path', :path, true)"), path)
    found = {}
    for row in connection.execute(text(_CATALOG), {"schema": schema}):
        says = row.says.replace(f"{schema}.", "")
        line = Line(row.kind, row.of, row.name, says, row.comment)
        found[line.what] = line
    return found


def unindexed(connection: Connection, schema: str = "public") -> list[str]:
    """Name the foreign keys whose columns no index begins with."""
    found = connection.execute(text(_UNINDEXED), {"schema": schema})
    return [f"foreign key {row.of}.{row.conname}" for row in found]
