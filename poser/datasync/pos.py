# SPDX-License-Identifier: Apache-2.0
"""POS transactions up: what a store's tills rang goes to the host's `trainwreck`, whole.

A trigger notes which POS transactions were written. They are sent as they are now, and the notes
go when the host has them: cut off in between, the same ones come again and change nothing. Deleted
ones are not told: the host keeps what a store no longer does.

Sales that are not the store's own are refused one by one and stay noted; all others go on.

The host's own notes are for cloud nodes, which ask for them. They get what customers bought who
gave their number; of all others they learn nothing but that an id is not theirs.
"""

import gzip
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from poser.datasync.wire import Garbled, unpacked
from poser.importing.copying import as_line, copy_lines
from poser.trainwreck.model import PosDiscount, PosLine, PosTax, PosTender, PosTransaction

ROWS = 500
"""How many POS transactions are sent at once."""
_PARENT = cast("Table", PosTransaction.__table__)
_PARTS = tuple(cast("Table", one.__table__) for one in (PosLine, PosDiscount, PosTax, PosTender))
_STAGE = "datasync_pos_incoming"
_NOTES = text("""
SELECT id, transaction_id, business_date FROM pos_outbox
WHERE NOT told @> ARRAY[CAST(:peer AS text)] ORDER BY id LIMIT :rows
""")
REFUSED = "refused"
"""Stands among those who were told where the host refused a POS transaction."""
_REFUSE = text("""
UPDATE pos_outbox SET told = told || CAST(:refused AS text)
WHERE transaction_id = ANY (CAST(:transactions AS uuid[])) AND id = ANY (CAST(:ids AS bigint[]))
""")
_AGAIN = text("UPDATE pos_outbox SET told = '{}' WHERE told @> ARRAY[CAST(:refused AS text)]")
_TOLD = text("""
UPDATE pos_outbox SET told = told || CAST(:peer AS text)
WHERE id = ANY (CAST(:ids AS bigint[])) AND NOT told @> ARRAY[CAST(:peer AS text)]
""")
_FORGET = text("""
DELETE FROM pos_outbox WHERE id = ANY (CAST(:ids AS bigint[])) AND told @> CAST(:all AS text[])
    AND NOT told @> ARRAY[CAST(:refused AS text)]
""")
_FORGET_ALL = text("DELETE FROM pos_outbox WHERE told @> CAST(:all AS text[])")
_NOTE_ALL = text("""
INSERT INTO pos_outbox (transaction_id, business_date, told)
SELECT id, business_date, CAST(:others AS text[]) FROM pos_transactions
WHERE customer_number <> '' ORDER BY business_date, id
""")


@dataclass(frozen=True, slots=True)
class Parcel:
    """POS transactions to be sent: the notes that they stand for, and their bytes."""

    notes: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came: how many POS transactions were told, and the sender's notes of them.

    `refused` are the ids of those that are of other stores than the sender's.
    """

    told: int
    notes: tuple[int, ...]
    refused: tuple[str, ...] = ()


def pack(
    session: Session, *, rows: int = ROWS, peer: str = "", of_customers: bool = False
) -> Parcel | None:
    """Return what the host, or a `peer` of the host, is to be told next; None: nothing.

    With `of_customers` it tells only what customers bought who gave their number.
    """
    notes = session.execute(_NOTES, {"rows": rows, "peer": peer}).all()
    if not notes:
        return None
    places: dict[str, Any] = {
        "ids": [str(one[1]) for one in notes],
        "days": [one[2] for one in notes],
    }
    condition = "t.customer_number <> ''" if of_customers else "true"
    parents = _rows(session, _PARENT.name, "id", places, condition)
    told = {**places, "ids": _ids(parents) if of_customers else places["ids"]}
    if of_customers:
        days = dict(zip(places["ids"], places["days"], strict=True))
        told["days"] = [days[one] for one in told["ids"]]
    tables = {_PARENT.name: parents}
    tables |= {one.name: _rows(session, one.name, "transaction_id", told) for one in _PARTS}
    places_told = [one[0] for one in notes]
    said = {"ids": sorted(set(places["ids"])), "notes": places_told, "tables": tables}
    return Parcel(tuple(places_told), gzip.compress(json.dumps(said).encode(), 1, mtime=0))


def forget(
    session: Session, notes: Collection[int], *, by: str = "", all_of: Sequence[str] = ()
) -> None:
    """Let notes go: the host has what they stand for; on the host, when all clouds were told.

    `by` is the peer that was told, `all_of` are those that have to be.
    """
    if by:
        session.execute(_TOLD, {"ids": list(notes), "peer": by})
    session.execute(_FORGET, {"ids": list(notes), "all": list(all_of), "refused": REFUSED})


def refuse(session: Session, notes: Collection[int], transactions: Collection[str]) -> None:
    """Keep notes of POS transactions that the host refused, without telling them again."""
    values = {"ids": list(notes), "transactions": list(transactions), "refused": REFUSED}
    session.execute(_REFUSE, values)


def try_refused(session: Session) -> None:
    """Tell again what the host refused: a node may have more stores now."""
    session.execute(_AGAIN, {"refused": REFUSED})


def forget_all(session: Session, all_of: Sequence[str] = ()) -> None:
    """Let all notes go of which nobody has to be told, or everybody was."""
    session.execute(_FORGET_ALL, {"all": list(all_of)})


def note_all(session: Session, others: Sequence[str]) -> int:
    """Note what all customers bought, for a cloud node that has nothing; `others` have it."""
    noted = session.execute(_NOTE_ALL, {"others": list(others)})
    return int(noted.rowcount)  # type: ignore[attr-defined]


def unpack(session: Session, data: bytes, stores: Collection[str] | None) -> Unpacked:
    """Write what came.

    `stores` are the numbers of the stores whose sales the sender may tell, None: of all. What it
    tells of others is left as it is here. Raises Garbled for bytes that are none.
    """
    said = _read(data)
    refused = _of_others(session, said, stores) if stores is not None else set[str]()
    said = said.without(refused)
    tables = said.tables
    for table, key in (*((part, "transaction_id") for part in _PARTS), (_PARENT, "id")):
        session.execute(
            text(f"DELETE FROM {table.name} WHERE {key} = ANY (CAST(:ids AS uuid[]))"),  # noqa: S608
            {"ids": said.ids},
        )
    for table in (_PARENT, *_PARTS):
        _write(session, table, tables[table.name])
    return Unpacked(len(said.ids), said.notes, tuple(sorted(refused)))


def _ids(parents: Sequence[str]) -> list[str]:
    return [str(json.loads(row)["id"]) for row in parents]


def _rows(
    session: Session, table: str, key: str, places: Mapping[str, Any], condition: str = "true"
) -> list[str]:
    found = session.execute(
        text(
            f"SELECT DISTINCT CAST(to_jsonb(t) AS text) FROM {table} AS t"  # noqa: S608
            " JOIN unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS w (id, day)"
            f" ON t.{key} = w.id AND t.business_date = w.day WHERE {condition}"
        ),
        places,
    )
    return list(found.scalars())


@dataclass(frozen=True, slots=True)
class _Said:
    """What a parcel says: the POS transactions it is about, and their rows by table, as JSON."""

    ids: Sequence[str]
    notes: tuple[int, ...]
    tables: Mapping[str, Sequence[str]]

    def without(self, ids: Collection[str]) -> "_Said":
        """Leave some POS transactions out."""
        if not ids:
            return self
        keys = {_PARENT.name: "id"}
        tables = {
            name: [
                row
                for row in rows
                if json.loads(row).get(keys.get(name, "transaction_id")) not in ids
            ]
            for name, rows in self.tables.items()
        }
        return _Said([one for one in self.ids if one not in ids], self.notes, tables)


def _read(data: bytes) -> _Said:
    names = {table.name for table in (_PARENT, *_PARTS)}
    try:
        found = json.loads(unpacked(data))
        ids = [str(UUID(one)) for one in found["ids"]]
        said = _Said(ids, tuple(map(int, found["notes"])), found["tables"])
        rows_are_lists = all(isinstance(rows, list) for rows in said.tables.values())
        if set(said.tables) != names or not rows_are_lists:
            raise Garbled("these are no POS transactions")
        if not set(_ids(said.tables[_PARENT.name])) <= set(said.ids):
            raise Garbled("it tells more POS transactions than it says")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, Garbled):
            raise
        raise Garbled(f"{type(error).__name__}: {error}") from error
    return said


def _of_others(session: Session, said: _Said, stores: Collection[str]) -> set[str]:
    """Name the sales of other stores, as they are told or as they are here."""
    here = session.execute(
        text(
            "SELECT CAST(id AS text), store_number FROM pos_transactions"
            " WHERE id = ANY (CAST(:ids AS uuid[]))"
        ),
        {"ids": said.ids},
    )
    told = (json.loads(row) for row in said.tables[_PARENT.name])
    numbers = [*((one["id"], one.get("store_number")) for one in told), *map(tuple, here)]
    return {str(key) for key, number in numbers if number not in stores}


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
