# SPDX-License-Identifier: Apache-2.0
"""Counting sales anew, and comparing that with the roll-ups that are kept by increments.

Both are read in one snapshot, so writers at work make no difference. Days whose month is in
the archive are left out: their sales stay as they were when they could be counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, text

from poser.db.partitions import archived
from poser.trainwreck.model import PARTITIONS, SalesDepartment, SalesHour, SalesTender

_STATEMENTS = Path(__file__).with_name("recount.sql")
_NAME = "-- name: "
_KEYS = {
    "sales_hours": ("business_date", "store_number", "hour"),
    "sales_departments": ("business_date", "store_number", "department_number"),
    "sales_tenders": ("business_date", "store_number", "tender_type"),
}
_TABLES: Mapping[str, Table] = {
    model.__tablename__: model.metadata.tables[model.__tablename__]
    for model in (SalesHour, SalesDepartment, SalesTender)
}
_LOCKED = "pos_transactions, pos_lines, pos_discounts, pos_tenders"
Archived = dict[str, list[date]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One key of a roll-up that is not what the POS transactions say."""

    table: str
    key: tuple[object, ...]
    column: str
    kept: object
    counted: object

    def __str__(self) -> str:
        key = " ".join(map(str, self.key))
        return f"{self.table} {key}: {self.column} is {self.kept}, counted {self.counted}"

    def to_json(self) -> dict[str, object]:
        """Give it for programs."""
        names = dict(zip(_KEYS[self.table], self.key, strict=True))
        return {
            "table": self.table, **names, "column": self.column,
            "kept": self.kept, "counted": self.counted,
        }  # fmt: skip


def compare(sales: Engine) -> list[Difference]:
    """Count all sales anew and list where the roll-ups differ; changes nothing."""
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with sales.connect().execution_options(**snapshot) as connection:
        away = _archived(connection)
        return [each for table in _KEYS for each in _differences(connection, table, away)]


def mend(sales: Engine) -> list[Difference]:
    """Write the roll-ups anew where they differ; needs the owner, and keeps writers waiting."""
    with sales.begin() as connection:
        connection.execute(text(f"LOCK TABLE {_LOCKED} IN SHARE MODE"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('fold sales', 0))"))
        away = _archived(connection)
        found = [each for table in _KEYS for each in _differences(connection, table, away)]
        for table in {each.table for each in found}:
            _write_anew(connection, table, away)
        return found


def _differences(connection: Connection, table: str, away: Archived) -> Iterator[Difference]:
    keys, sums = _KEYS[table], _sums(table)
    kept = (
        f"SELECT {', '.join(keys)}, {', '.join(f'sum({one}) AS {one}' for one in sums)}"  # noqa: S608 - our own names
        f" FROM {table} WHERE {_STILL_HERE} GROUP BY {', '.join(keys)}"
    )
    statement = text(
        f"SELECT {', '.join(keys)}, {_pairs(sums)} FROM ({kept}) AS kept"  # noqa: S608
        f" FULL JOIN ({_statements()[table]}) AS counted USING ({', '.join(keys)})"
        f" WHERE ({_each('kept', sums)}) IS DISTINCT FROM ({_each('counted', sums)})"
        f" ORDER BY {', '.join(keys)}"
    )
    for row in connection.execute(statement, away).mappings():
        for one in sums:
            if row[f"kept_{one}"] != row[f"counted_{one}"]:
                yield Difference(
                    table=table,
                    key=tuple(row[key] for key in keys),
                    column=one,
                    kept=row[f"kept_{one}"],
                    counted=row[f"counted_{one}"],
                )


def _write_anew(connection: Connection, table: str, away: Archived) -> None:
    columns = ", ".join((*_KEYS[table], *_sums(table)))
    counted = _statements()[table]
    connection.execute(text(f"DELETE FROM {table} WHERE {_STILL_HERE}"), away)  # noqa: S608
    statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM ({counted}) AS counted"  # noqa: S608
    connection.execute(text(statement))


_STILL_HERE = """NOT EXISTS (
    SELECT FROM unnest(CAST(:starts AS date[]), CAST(:ends AS date[])) AS away (starts, ends)
    WHERE business_date >= away.starts AND business_date < away.ends)"""


def _archived(connection: Connection) -> Archived:
    book = archived(connection, PARTITIONS)
    return {"starts": [each.start for each in book], "ends": [each.end for each in book]}


def _sums(table: str) -> list[str]:
    keys: tuple[str, ...] = ("id", *_KEYS[table])
    return [column.name for column in _TABLES[table].columns if column.name not in keys]


def _pairs(sums: list[str]) -> str:
    """Name both sides of each sum; a key that is on one side only counts 0 on the other."""
    both: list[Any] = [
        f"coalesce({side}.{one}, 0) AS {side}_{one}" for one in sums for side in ("kept", "counted")
    ]
    return ", ".join(both)


def _each(side: str, sums: list[str]) -> str:
    return ", ".join(f"coalesce({side}.{one}, 0)" for one in sums)


def _statements() -> dict[str, str]:
    parts = _STATEMENTS.read_text().split(_NAME)[1:]
    named = (part.partition("\n") for part in parts)
    return {name.strip(): statement.strip() for name, _, statement in named}
