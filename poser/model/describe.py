# SPDX-License-Identifier: Apache-2.0
"""Writes docs/schema.md from the models: `python -m poser.model.describe > docs/schema.md`."""

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ExcludeConstraint

import poser.model
from poser.db.base import mappers

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_HEAD = """\
# The schema of the database `poser`

Written by `python -m poser.model.describe` from the models in `poser/model/`, one part for each
subject; do not edit it here. Nearly every table has an `id`, a UUID version 7 that the writer or
the database makes; times are `timestamptz` in UTC, texts are `text`,
amounts `numeric`; *may be empty* means NULL. Unique keys and references can wait until the end
of a transaction that asks for it (`SET CONSTRAINTS ALL DEFERRED`). What the database enforces
is told in the words that people read when it refuses a row. Tables that say *recorded* keep
every change ([how](decisions/0011-history-by-trigger.md)); where rows go and who may change them is
what [datasync](howto/datasync.md) does with them.
"""
_TYPES = {
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TSTZRANGE": "tstzrange (times)",
    "DATERANGE": "daterange (days)",
}


def page() -> str:
    """Write the whole page."""
    parts = {name: list(_part(name)) for name in _subjects()}
    index = [f"- [{_title(name)}](#{name.replace('_', '-')}): {_first(name)}" for name in parts]
    body = ["\n".join(lines) for lines in parts.values()]
    return "\n".join([_HEAD, *index, "", "\n\n".join(body)]) + "\n"


def _subjects() -> Iterator[str]:
    for module in iter_modules(poser.model.__path__):
        if module.name != "describe" and _tables(module.name):
            yield module.name


def _tables(subject: str) -> list[Table]:
    """List the tables of a subject in the order of their classes."""
    module = import_module(f"poser.model.{subject}")
    mapped = {mapper.class_: mapper.local_table for mapper in mappers()}
    mine = [one for one in vars(module).values() if inspect.isclass(one) and one in mapped]
    tables = [mapped[one] for one in mine if one.__module__ == module.__name__]
    return [table for table in tables if isinstance(table, Table)]


def _title(subject: str) -> str:
    return subject.replace("_", " ").capitalize()


def _text(subject: str) -> str:
    return inspect.cleandoc(import_module(f"poser.model.{subject}").__doc__ or "")


def _first(subject: str) -> str:
    return _text(subject).partition("\n")[0]


def _part(subject: str) -> Iterator[str]:
    """Write one subject: its text, a diagram, its tables."""
    tables = _tables(subject)
    yield f"## {_title(subject)}"
    yield f"\n{_text(subject)}\n"
    yield from _diagram(tables)
    for table in tables:
        yield f"\n### `{table.name}`"
        yield f"\n{table.comment} *{_kept(table)}.{_goes(table)}*\n"
        yield "| Column | Type | What |"
        yield "|---|---|---|"
        yield from (_row(column) for column in table.columns)
        rules = list(_rules(table))
        if rules:
            yield "\nThe database enforces:\n"
            yield from rules


def _kept(table: Table) -> str:
    history, capture = (table.info.get(word, True) for word in ("history", "capture"))
    if history:
        return "Recorded" if capture else "Recorded, not sent to other nodes"
    return "Not recorded" if capture else "Not recorded, stays on its node"


def _goes(table: Table) -> str:
    """Write what datasync does with the rows, for a table whose changes are captured."""
    sync = table.info.get("sync")
    return f" {sync.in_words()}." if sync is not None else ""


def _row(column: Column[object]) -> str:
    key = next((key for key in column.foreign_keys), None)
    target = f" → `{key.column.table.name}`" if key is not None else ""
    empty = "" if not column.nullable else ", may be empty"
    computed = ", generated" if column.computed is not None else ""
    what = (column.comment or "").replace("|", "\\|")
    return f"| `{column.name}` | {_type(column)}{target}{empty}{computed} | {what} |"


def _type(column: Column[object]) -> str:
    name = column.type.compile(_DIALECT)
    return _TYPES.get(name, name.lower())


def _rules(table: Table) -> Iterator[str]:
    """Write what is enforced beside types and references, in the words of people."""
    for rule in sorted(table.constraints, key=lambda rule: str(rule.name)):
        columns = ", ".join(f"`{column.name}`" for column in getattr(rule, "columns", ()))
        if isinstance(rule, UniqueConstraint):
            yield f"- each {columns} once"
        elif isinstance(rule, CheckConstraint | ExcludeConstraint):
            yield f"- {rule.comment or rule.name}"
        elif isinstance(rule, ForeignKeyConstraint) and len(rule.elements) > 1:
            yield f"- {columns} as in `{rule.referred_table.name}`"


def _diagram(tables: list[Table]) -> Iterator[str]:
    """Draw how the tables of a subject refer to each other and to others."""
    edges = [edge for table in tables for edge in _edges(table)]
    yield "```mermaid"
    yield "erDiagram"
    for table in tables:
        keys = [c for c in table.columns if c.primary_key or c.foreign_keys or _is_key(table, c)]
        yield f"    {table.name} {{"
        for column in keys:
            mark = "PK" if column.primary_key else "FK" if column.foreign_keys else "UK"
            word = column.type.compile(_DIALECT).partition(" ")[0].partition("(")[0].lower()
            yield f"        {word} {column.name} {mark}"
        yield "    }"
    yield from sorted(set(edges))
    yield "```"


def _is_key(table: Table, column: Column[object]) -> bool:
    return any(
        isinstance(rule, UniqueConstraint) and list(rule.columns) == [column]
        for rule in table.constraints
    )


def _edges(table: Table) -> Iterator[str]:
    for rule in table.foreign_key_constraints:
        first = rule.elements[0].parent
        one = "|o" if first.nullable else "||"
        many = "o|" if _is_key(table, first) else "o{"
        yield f'    {rule.referred_table.name} {one}--{many} {table.name} : "{first.name}"'


if __name__ == "__main__":
    sys.stdout.write(page())
