# SPDX-License-Identifier: Apache-2.0
"""POS transactions up: what a store's tills rang goes to the host's `trainwreck`, whole.

A trigger notes which POS transactions were written. They are sent as they are now, and the notes
go when the host has them: cut off in between, the same ones come again and change nothing. Deleted
ones are not told: the host keeps what a store no longer does.
"""

import gzip
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from poser.datasync.exchange import NotInStep
from poser.datasync.wire import Garbled, unpacked
from poser.importing.copying import as_line, copy_lines
from poser.trainwreck.model import PosDiscount, PosLine, PosTax, PosTender, PosTransaction

ROWS = 500
"""How many POS transactions are sent at once."""
_PARENT = cast("Table", PosTransaction.__table__)
_PARTS = tuple(cast("Table", one.__table__) for one in (PosLine, PosDiscount, PosTax, PosTender))
_STAGE = "datasync_pos_incoming"
_NOTES = text("SELECT id, transaction_id, business_date FROM pos_outbox ORDER BY id LIMIT :rows")
_FORGET = text("DELETE FROM pos_outbox WHERE id = ANY (CAST(:ids AS bigint[]))")


@dataclass(frozen=True, slots=True)
class Parcel:
    """POS transactions to be sent: the notes that they stand for, and their bytes."""

    notes: tuple[int, ...]
    data: bytes


def pack(session: Session, *, rows: int = ROWS) -> Parcel | None:
    """Return what the host is to be told next, None when there is nothing."""
    notes = session.execute(_NOTES, {"rows": rows}).all()
    if not notes:
        return None
    places = {"ids": [str(one[1]) for one in notes], "days": [one[2] for one in notes]}
    tables = {
        table.name: _rows(session, table.name, key, places)
        for table, key in ((_PARENT, "id"), *((part, "transaction_id") for part in _PARTS))
    }
    data = gzip.compress(json.dumps(tables).encode(), 1, mtime=0)
    return Parcel(tuple(one[0] for one in notes), data)


def forget(session: Session, parcel: Parcel) -> None:
    """Let the notes go: the host has what they stand for."""
    session.execute(_FORGET, {"ids": list(parcel.notes)})


def unpack(session: Session, data: bytes, stores: Collection[str]) -> int:
    """Write what a store sent; returns how many POS transactions came.

    `stores` are the numbers of the stores whose sales the sender may tell. Raises Garbled for
    bytes that are none, and NotInStep when it tells the sales of others; nothing is written then.
    """
    tables = _read(data)
    parents = [json.loads(row) for row in tables[_PARENT.name]]
    ids = [one["id"] for one in parents]
    _require_theirs(session, parents, stores)
    for table, key in (*((part, "transaction_id") for part in _PARTS), (_PARENT, "id")):
        session.execute(
            text(f"DELETE FROM {table.name} WHERE {key} = ANY (CAST(:ids AS uuid[]))"),  # noqa: S608
            {"ids": ids},
        )
    for table in (_PARENT, *_PARTS):
        _write(session, table, tables[table.name])
    return len(parents)


def _rows(session: Session, table: str, key: str, places: Mapping[str, Any]) -> list[str]:
    found = session.execute(
        text(
            f"SELECT DISTINCT CAST(to_jsonb(t) AS text) FROM {table} AS t"  # noqa: S608
            " JOIN unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS w (id, day)"
            f" ON t.{key} = w.id AND t.business_date = w.day"
        ),
        places,
    )
    return list(found.scalars())


def _read(data: bytes) -> dict[str, list[str]]:
    names = {table.name for table in (_PARENT, *_PARTS)}
    try:
        tables = json.loads(unpacked(data))
        if set(tables) != names or not all(isinstance(rows, list) for rows in tables.values()):
            raise Garbled("these are no POS transactions")
    except (ValueError, TypeError) as error:
        if isinstance(error, Garbled):
            raise
        raise Garbled(str(error)) from error
    return dict(tables)


def _require_theirs(
    session: Session, parents: Sequence[Mapping[str, Any]], stores: Collection[str]
) -> None:
    """Refuse sales of other stores, as they are told and as they are here."""
    here = session.execute(
        text("SELECT store_number FROM pos_transactions WHERE id = ANY (CAST(:ids AS uuid[]))"),
        {"ids": [one["id"] for one in parents]},
    )
    numbers = {str(one["store_number"]) for one in parents} | set(here.scalars())
    if others := sorted(numbers - set(stores)):
        raise NotInStep(
            f"it told sales of store {', '.join(others)}, and is {', '.join(sorted(stores))}",
            hint="the numbers of a node's stores are in the inventory: stores = [...]",
        )


def _write(session: Session, table: Table, rows: Sequence[str]) -> None:
    if not rows:
        return
    names = ", ".join(column.name for column in table.columns if column.computed is None)
    values = ", ".join(f"r.{column.name}" for column in table.columns if column.computed is None)
    session.execute(
        text(f"CREATE TEMP TABLE IF NOT EXISTS {_STAGE} (n bigint, data jsonb) ON COMMIT DROP")
    )
    session.execute(text(f"TRUNCATE {_STAGE}"))
    lines = (as_line((n, row)) for n, row in enumerate(rows))
    copy_lines(session, _STAGE, ("n", "data"), lines)
    session.execute(
        text(
            f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {_STAGE} AS s,"  # noqa: S608
            f" jsonb_populate_record(CAST(NULL AS {table.name}), s.data) AS r ORDER BY s.n"
        )
    )
