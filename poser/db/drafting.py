# SPDX-License-Identifier: Apache-2.0
"""Drafts a revision from the difference between the models and a developer's database.

What PostgreSQL says of both is compared (poser.db.catalog), and written in the words of
migrations.tables. A draft is read and corrected before it is kept: it cannot know that a
column was renamed, or what a new one holds for the rows that are there.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import MetaData, Table

from poser.db.catalog import Line

_KEY = "uuid not null default uuid7()"
_NOW = "timestamp with time zone not null default now()"
_STANDARD = {
    ("id", _KEY): "KEY",
    ("created_at", _NOW): "CREATED_AT",
    ("modified_at", _NOW): "MODIFIED_AT",
}
_INDEX = re.compile(r"CREATE INDEX \S+ ON (?:ONLY )?\S+ USING (\w+) \((.*)\)")
_COLUMN = re.compile(r"(.*?)( not null)?(?: (default|generated) (.*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The lines of `upgrade` and `downgrade`, and whether anything goes away."""

    upgrade: tuple[str, ...]
    downgrade: tuple[str, ...]
    loses: bool


@dataclass(kw_only=True)
class _Schema:
    """Lines by the table they are of."""

    tables: dict[str, Line] = field(default_factory=dict)
    parts: dict[str, dict[str, Line]] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "_Schema":
        made = cls()
        for line in lines:
            if line.kind == "table":
                made.tables[line.of] = line
            else:
                made.parts.setdefault(line.of, {})[line.what] = line
        return made


def draft(live: Mapping[str, Line], wanted: Mapping[str, Line], metadata: MetaData) -> Draft:
    """Write down how the live schema becomes what is wanted, and how it comes back."""
    here, there = _Schema.of(live.values()), _Schema.of(wanted.values())
    return Draft(
        upgrade=tuple(_steps(here, there, metadata)),
        downgrade=tuple(_steps(there, here, metadata)),
        loses=bool(live.keys() - wanted.keys()),
    )


def _steps(before: _Schema, after: _Schema, metadata: MetaData) -> Iterator[str]:
    order = [table.name for table in metadata.sorted_tables]
    made = after.tables.keys() - before.tables.keys()
    for name in sorted(made, key=lambda name: (name not in order, _place(order, name))):
        yield _create(after.tables[name], after.parts.get(name, {}), metadata.tables.get(name))
        if call := _record(metadata.tables.get(name), name):
            yield call
    for name in sorted(before.tables.keys() & after.tables.keys()):
        yield from _alter(before, after, name, metadata.tables.get(name))
    gone = before.tables.keys() - after.tables.keys()
    if gone:
        ordered = sorted(gone, key=lambda name: _place(order, name), reverse=True)
        recorded = [name for name in ordered if _record(metadata.tables.get(name), name)]
        yield "".join(f"unrecord({_text(name)})\n" for name in recorded) + (
            f"drop_tables({', '.join(map(_text, ordered))})"
        )


def _place(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _create(table: Line, parts: Mapping[str, Line], model: Table | None) -> str:
    names = [column.name for column in model.columns] if model is not None else []
    columns = sorted(_of_kind(parts, "column"), key=lambda line: _place(names, line.name))
    rules = _of_kind(parts, "constraint")
    words = [_text(table.of), _text(table.comment)]
    words += [_column(line) for line in columns]
    words += [_rule(line) for line in rules if not line.says.startswith("PRIMARY KEY")]
    words += [_index(line) for line in _indexes(parts)]
    key = next((line.says for line in rules if line.says.startswith("PRIMARY KEY")), "")
    if (columns_of_key := key.removeprefix("PRIMARY KEY (").rstrip(")")) not in {"", "id"}:
        words.append(f"key={_text(columns_of_key)}")
    if cut := re.fullmatch(r"partitioned by RANGE \((.*)\)", table.says):
        words.append(f"cut_by={_text(cut[1])}")
    return f"create_table({', '.join(words)})"


def _record(model: Table | None, name: str) -> str:
    """Return the call that keeps the changes of a table, as its model asks; "" for none."""
    if model is None:
        return ""
    kept = {kind: bool(model.info.get(kind, True)) for kind in ("history", "capture")}
    if not any(kept.values()):
        return ""
    words = [_text(name), *(f"{kind}=False" for kind, on in kept.items() if not on)]
    for option, mark in (("without", False), ("secret", "secret")):
        found = [column.name for column in model.columns if column.info.get("history") == mark]
        if found:
            words.append(f"{option}=({', '.join(map(_text, found))},)")
    return f"record({', '.join(words)})"


def _alter(before: _Schema, after: _Schema, name: str, model: Table | None) -> Iterator[str]:
    old, new = before.parts.get(name, {}), after.parts.get(name, {})
    if before.tables[name].comment != after.tables[name].comment:
        yield _sql(f"COMMENT ON TABLE {name} IS {_quoted(after.tables[name].comment)}")
    for what in sorted(old.keys() - new.keys()):
        if (line := old[what]).kind == "constraint":
            yield _sql(f"ALTER TABLE {name} DROP CONSTRAINT {line.name}")
        elif line in _indexes(old):
            yield _sql(f"DROP INDEX {line.name}")
    order = [column.name for column in model.columns] if model is not None else []
    added = sorted(
        (new[what] for what in new.keys() - old.keys()), key=lambda line: _place(order, line.name)
    )
    parts = [_column(line) for line in added if line.kind == "column"]
    parts += [_rule(line) for line in added if line.kind == "constraint"]
    parts += [_index(line) for line in _indexes(new) if line in added]
    if parts:
        yield f"extend_table({', '.join((_text(name), *parts))})"
    for what in sorted(old.keys() & new.keys()):
        yield from _change(old[what], new[what])
    if gone := [
        old[what].name for what in sorted(old.keys() - new.keys()) if old[what].kind == "column"
    ]:
        yield f"drop_columns({', '.join(map(_text, (name, *gone)))})"


def _change(old: Line, new: Line) -> Iterator[str]:
    if old.says != new.says and new.kind == "column":
        yield from _change_column(old, new)
    elif old.says != new.says and new.kind == "constraint":
        yield _sql(f"ALTER TABLE {new.of} DROP CONSTRAINT {new.name}")
        yield f"extend_table({_text(new.of)}, {_rule(new)})"
    elif old.says != new.says:
        yield _sql(f"DROP INDEX {new.name}")
        yield _sql(new.says)
    if old.comment != new.comment and new.kind == "column":
        yield _sql(f"COMMENT ON COLUMN {new.of}.{new.name} IS {_quoted(new.comment)}")
    elif old.comment != new.comment:
        yield _sql(f"COMMENT ON CONSTRAINT {new.name} ON {new.of} IS {_quoted(new.comment)}")


def _change_column(old: Line, new: Line) -> Iterator[str]:
    was, now = _COLUMN.match(old.says), _COLUMN.match(new.says)
    if was is None or now is None or "generated" in {was[3], now[3]}:
        yield f"# {new.what} was {old.says!r} and becomes {new.says!r}: write that by hand"
        return
    alter = f"ALTER TABLE {new.of} ALTER COLUMN {new.name}"
    if was[1] != now[1]:
        yield _sql(f"{alter} TYPE {now[1]}")
    if was[2] != now[2]:
        yield _sql(f"{alter} {'SET' if now[2] else 'DROP'} NOT NULL")
    if was[4] != now[4]:
        yield _sql(f"{alter} SET DEFAULT {now[4]}" if now[4] else f"{alter} DROP DEFAULT")


def _column(line: Line) -> str:
    if standard := _STANDARD.get((line.name, line.says)):
        return standard
    found = _COLUMN.match(line.says)
    type_, null, how, value = found.groups() if found else (line.says, "", "", "")
    made = {"default": f" DEFAULT {value}", "generated": f" GENERATED ALWAYS AS ({value}) STORED"}
    sql = f"{type_}{made.get(how or '', '')}{' NOT NULL' if null else ''}"
    return f"column({_text(line.name)}, {_text(sql)}, {_text(line.comment)})"


def _rule(line: Line) -> str:
    prefix, _, rest = line.name.partition(f"_{line.of}_")
    words = [_text(prefix), _text(rest), _text(line.says)]
    return f"Rule({', '.join((*words, _text(line.comment)) if line.comment else words)})"


def _index(line: Line) -> str:
    found = _INDEX.fullmatch(line.says)
    using, columns = found.groups() if found else ("btree", line.says)
    name = line.name.removeprefix(f"ix_{line.of}_")
    other = f", using={_text(using)}" if using != "btree" else ""
    return f"Index({_text(columns)}, {_text(name)}{other})"


def _indexes(parts: Mapping[str, Line]) -> list[Line]:
    """List the indexes that are not made by a rule of the same name."""
    rules = {line.name for line in parts.values() if line.kind == "constraint"}
    return [line for line in _of_kind(parts, "index") if line.name not in rules]


def _of_kind(parts: Mapping[str, Line], kind: str) -> list[Line]:
    return sorted(line for line in parts.values() if line.kind == kind)


def _sql(statement: str) -> str:
    return f"op.execute({_text(statement)})"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
