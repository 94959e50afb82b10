# SPDX-License-Identifier: Apache-2.0
"""What the catalog of a database says about a rule: its sentence, columns and references."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, column, select, table, text

from poser.db.violations import Said, row_values

KNOWN_BY = ("number", "code", "gtin", "display_name", "name", "description", "subject")
"""What people know a row by, as far as its table has it."""
_LABELS = ("description", "display_name", "name", "number", "code", "abbreviation", "subject")

_RULE = text("""
SELECT coalesce(obj_description(r.oid, 'pg_constraint'), '') AS says,
    CASE WHEN r.confrelid <> 0 THEN r.confrelid::regclass::text ELSE '' END AS target,
    ARRAY(SELECT a.attname::text FROM unnest(r.conkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = k.attnum
        ORDER BY k.n) AS columns
FROM pg_constraint r
WHERE r.conrelid = to_regclass(:table) AND r.conname = :constraint
""")
_COLUMNS = text("""
SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
""")
_TARGETS = text("""
SELECT a.attname::text, r.confrelid::regclass::text FROM pg_constraint r
JOIN pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = r.conkey[1]
WHERE r.conrelid = to_regclass(:table) AND r.contype = 'f'
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as the catalog has it, and the refused row; empty where nothing is known.

    `target` is the table that a foreign key points at, `targets` those of all columns that
    refer to others, and `names` what people call the rows that this row refers to. `gone`
    names the row that was to be deleted, if one was.
    """

    says: str = ""
    columns: tuple[str, ...] = ()
    target: str = ""
    targets: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    known_by: tuple[str, ...] = ()
    gone: str = ""


def rule(connection: Connection, told: Said) -> Rule:
    """Look up the rule that refused a row, and the names of what the row refers to."""
    of_table = {"table": _quoted(told.table)}
    found = connection.execute(_RULE, {**of_table, "constraint": told.constraint}).one_or_none()
    shape = [(name, type_) for name, type_ in connection.execute(_COLUMNS, of_table)]
    targets = {row[0]: row[1] for row in connection.execute(_TARGETS, of_table)}
    values = _values(told, shape)
    columns = tuple(found.columns) if found else ()
    target = found.target if found else ""
    gone = told.keys.get("id", "") if target and set(told.keys) != set(columns) else ""
    return Rule(
        says=found.says if found else "",
        columns=columns,
        target=target,
        targets=targets,
        values=values,
        names={
            name: found_name
            for name, other in targets.items()
            if (found_name := label(connection, other, values.get(name, "")))
        },
        known_by=tuple(name for name in KNOWN_BY if name in dict(shape)),
        gone=label(connection, target, gone) if gone else "",
    )


def _values(told: Said, shape: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Tell the refused row's values, as far as PostgreSQL told them."""
    row = row_values(told.row, shape) if told.row else {}
    return {**{name: value or "" for name, value in row.items()}, **told.keys}


def label(connection: Connection, target: str, id_: str) -> str:
    """Name a row by what people know it by; empty where it has nothing or is not there."""
    columns = [name for name, _type in connection.execute(_COLUMNS, {"table": target})]
    known: list[ColumnElement[Any]] = [column(name) for name in _LABELS if name in columns]
    if not id_ or not known:
        return ""
    query = select(*known).select_from(table(target)).where(text("id = CAST(:id AS uuid)"))
    row = connection.execute(query, {"id": id_}).one_or_none()
    return next((str(value) for value in row or () if value), "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
