# SPDX-License-Identifier: Apache-2.0
"""Finding a record by what people know of it, also when it is deleted."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.history.reading import recorded_table

_COLUMNS = text("""
SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(:table))
    AND attnum > 0 AND NOT attisdropped ORDER BY attname
""")
_DELETED = text("""
SELECT DISTINCT row_id FROM versions
WHERE table_id = :number AND kind = 'delete' AND old -> :column = :value LIMIT 2
""")


def records(session: Session, table: str, column: str, value: str) -> list[UUID]:
    """List the ids of live records with a value in a column, or else of deleted ones: up to 2.

    Raises PoserError for a table that is not recorded, a column that it does not have, and
    a value that is none for that column.
    """
    number = recorded_table(session, table).id
    columns = list(session.execute(_COLUMNS, {"table": table}).scalars())
    if column not in columns:
        raise PoserError(f"{table} has no column {column!r}", hint=f"it has: {', '.join(columns)}")
    # Both names are known by now to be a table's and a column's.
    named = f'SELECT id FROM "{table}" WHERE "{column}" = CAST(CAST(:value AS text) AS'  # noqa: S608
    kind = session.execute(
        text(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(quote_ident(:table)) AND attname = :column"
        ),
        {"table": table, "column": column},
    ).scalar_one()
    try:
        found = session.execute(text(f"{named} {kind}) LIMIT 2"), {"value": value}).scalars()
        live = list(found)
    except DBAPIError as error:
        words = str(error.orig).splitlines()[0]
        raise PoserError(f"{column} of {table} cannot be {value!r}: {words}") from error
    if live:
        return live
    values = {"number": number, "column": column, "value": value}
    return list(session.execute(_DELETED, values).scalars())
