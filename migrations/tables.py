# SPDX-License-Identifier: Apache-2.0
"""Short words for revisions: tables with their columns, rules, indexes and sentences.

Types, defaults and rules are SQL, as PostgreSQL reads it. Revisions say what they did
when they were written, so nothing here may change what it makes: whoever needs something
else adds another function.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type with default and NOT NULL, and what it holds."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint: the letters its name begins with, the rest of the name, its SQL."""

    prefix: str
    name: str
    sql: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """An index over some columns or expressions."""

    columns: str
    name: str
    using: str = "btree"
    where: str = ""


KEY = Column(
    "id",
    "uuid DEFAULT uuid7() NOT NULL",
    "Unique id, a UUID version 7: ascends with the time of creation.",
)
CREATED_AT = Column(
    "created_at",
    "timestamptz DEFAULT now() NOT NULL",
    "When this row was first written (UTC).",
)
MODIFIED_AT = Column(
    "modified_at",
    "timestamptz DEFAULT now() NOT NULL",
    "When this row was last changed (UTC).",
)
_IN_TIME = "DEFERRABLE INITIALLY IMMEDIATE"


def column(name: str, type_: str, comment: str) -> Column:
    """Make a column, such as `column("name", "text NOT NULL", "What people call it.")`."""
    return Column(name, type_, comment)


def check(name: str, rule: str, says: str) -> Rule:
    """Make a rule over one row, with the sentence that people read when it refuses one."""
    return Rule("ck", name, f"CHECK ({rule})", says)


def unique(columns: str, *, deferrable: bool = True) -> Rule:
    """Allow each value once: in the end if a transaction asks for that, so values can swap.

    What a foreign key points at, or an INSERT ... ON CONFLICT, cannot be deferrable.
    """
    sql = f"UNIQUE ({columns})"
    return Rule("uq", _joined(columns), f"{sql} {_IN_TIME}" if deferrable else sql)


def references(columns: str, target: str, actions: str = "") -> Rule:
    """Refer to another table, such as `references("store_id", "stores (id)")`."""
    sql = f"FOREIGN KEY ({columns}) REFERENCES {target} {actions} {_IN_TIME}"
    return Rule("fk", _joined(columns), sql)


def no_overlap(elements: str, says: str) -> Rule:
    """Exclude rows that overlap: `no_overlap("product_id WITH =, valid WITH &&", ...)`."""
    return Rule("ex", "no_overlap", f"EXCLUDE USING gist ({elements}) {_IN_TIME}", says)


def index(columns: str, *, name: str = "", using: str = "btree", where: str = "") -> Index:
    """Index columns or expressions; what is no list of plain names needs a name.

    With `where` only the rows for which that holds.
    """
    return Index(columns, name or _joined(columns), using, where)


def create_table(
    name: str, comment: str, *parts: Column | Rule | Index, key: str = "id", cut_by: str = ""
) -> None:
    """Create a table with its primary key, its rules and its indexes.

    `cut_by` names the column by which it is cut into partitions (migrations.partitioning).
    """
    lines = [f"{part.name} {part.type}" for part in parts if isinstance(part, Column)]
    lines.append(f"CONSTRAINT pk_{name} PRIMARY KEY ({key})")
    lines += [_rule(name, part) for part in parts if isinstance(part, Rule)]
    cut = f" PARTITION BY RANGE ({cut_by})" if cut_by else ""
    _run(f"CREATE TABLE {name} ({', '.join(lines)}){cut}")
    _run(f"COMMENT ON TABLE {name} IS {_quoted(comment)}")
    _comment(name, parts)
    _create_indexes(name, parts)


def extend_table(name: str, *parts: Column | Rule | Index) -> None:
    """Add columns, rules and indexes to a table that is there."""
    steps = [f"ADD COLUMN {part.name} {part.type}" for part in parts if isinstance(part, Column)]
    steps += [f"ADD {_rule(name, part)}" for part in parts if isinstance(part, Rule)]
    if steps:
        _run(f"ALTER TABLE {name} {', '.join(steps)}")
    _comment(name, parts)
    _create_indexes(name, parts)


def drop_columns(table: str, *names: str) -> None:
    """Drop columns, and with them the rules and indexes over them."""
    _run(f"ALTER TABLE {table} {', '.join(f'DROP COLUMN {name}' for name in names)}")


def drop_tables(*names: str) -> None:
    """Drop tables with everything in them."""
    _run(f"DROP TABLE {', '.join(names)}")


def _rule(table: str, rule: Rule) -> str:
    return f"CONSTRAINT {rule.prefix}_{table}_{rule.name} {rule.sql}"


def _comment(table: str, parts: tuple[Column | Rule | Index, ...]) -> None:
    for part in parts:
        if isinstance(part, Column):
            _run(f"COMMENT ON COLUMN {table}.{part.name} IS {_quoted(part.comment)}")
        elif isinstance(part, Rule) and part.says:
            rule = f"{part.prefix}_{table}_{part.name}"
            _run(f"COMMENT ON CONSTRAINT {rule} ON {table} IS {_quoted(part.says)}")


def _create_indexes(table: str, parts: tuple[Column | Rule | Index, ...]) -> None:
    for part in parts:
        if isinstance(part, Index):
            name = f"ix_{table}_{part.name}"
            where = f" WHERE {part.where}" if part.where else ""
            _run(f"CREATE INDEX {name} ON {table} USING {part.using} ({part.columns}){where}")


def _joined(columns: str) -> str:
    return columns.replace(", ", "_")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _run(sql: str) -> None:
    op.execute(sa.text(sql.replace(":", r"\:")))
