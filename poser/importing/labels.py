# SPDX-License-Identifier: Apache-2.0
"""By what people know rows: the values of what is unique of them, as the catalog has it.

Nothing here needs a model, so a page that shows rows of any table need not load them all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import HSTORE
from sqlalchemy.orm import Session

from poser.importing.parts import quoted
from poser.model.history import Fields

# As poser.importing.by_columns.natural_key prefers them: fewer columns first, then those that
# stand before others in the table.
_KEYS = text("""
SELECT DISTINCT ON (c.relname) c.relname AS "table", k.names
FROM pg_constraint u JOIN pg_class c ON c.oid = u.conrelid
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY n) AS names, array_agg(number ORDER BY n) AS places
    FROM unnest(u.conkey) WITH ORDINALITY AS k (number, n)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
) AS k
WHERE u.contype = 'u' AND c.oid = to_regclass(quote_ident(c.relname))
    AND c.relname = ANY (CAST(:tables AS text[])) AND NOT 'id' = ANY (k.names)
ORDER BY c.relname, cardinality(k.names), k.places
""")
_GONE = text("""
SELECT DISTINCT ON (v.row_id) v.row_id, v.old FROM versions v
JOIN recorded_tables r ON r.id = v.table_id
WHERE r.name = :table AND v.row_id = ANY (CAST(:ids AS uuid[])) AND v.kind = 'delete'
ORDER BY v.row_id, v.statement DESC
""").columns(old=HSTORE())
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that is to be named: what is known of it already may be all that is needed."""

    table: str
    id: UUID
    known: Fields


def labels(session: Session, rows: Sequence[Row]) -> dict[UUID, str]:
    """Name rows by what people know them by; without those of which nobody knows it."""
    found: dict[UUID, str] = {}
    keys = _keys(session, {row.table for row in rows})
    for table, key in keys.items():
        unknown = []
        for row in rows:
            if row.table != table:
                continue
            if all(name in row.known for name in key):
                found[row.id] = _joined(row.known[name] for name in key)
            else:
                unknown.append(row.id)
        found |= dict(_live(session, table, key, unknown))
        gone = [id_ for id_ in unknown if id_ not in found]
        found |= dict(_deleted(session, table, key, gone))
    return found


def _keys(session: Session, tables: Iterable[str]) -> Mapping[str, Sequence[str]]:
    names = sorted(tables)
    return {row.table: row.names for row in session.execute(_KEYS, {"tables": names})}


def _live(
    session: Session, table: str, key: Sequence[str], ids: Sequence[UUID]
) -> Iterable[tuple[UUID, str]]:
    """Read what rows are known by now."""
    if not ids:
        return
    values = ", ".join(f"{quoted(name)}::text" for name in key)
    query = f"SELECT id, ARRAY[{values}] FROM {quoted(table)} WHERE id = ANY (CAST(:ids AS uuid[]))"  # noqa: S608 - quoted
    for id_, known in session.execute(text(query), {"ids": [str(one) for one in ids]}):
        yield id_, _joined(known)


def _deleted(
    session: Session, table: str, key: Sequence[str], ids: Sequence[UUID]
) -> Iterable[tuple[UUID, str]]:
    """Read what rows were known by when they were deleted."""
    if not ids:
        return
    values = {"table": table, "ids": [str(one) for one in ids]}
    for id_, old in session.execute(_GONE, values):
        if all(name in old for name in key):
            yield id_, _joined(old[name] for name in key)


def _joined(values: Iterable[str | None]) -> str:
    return ", ".join(value or _NOTHING for value in values)
