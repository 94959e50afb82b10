# SPDX-License-Identifier: Apache-2.0
"""Writes to a node's databases for ever, and keeps what was acknowledged; runs on the node.

Each line of the history is JSON: `try` before a transaction, `ack` when its commit was answered.
A transaction that was tried and not acknowledged may be there or not. Killed at any moment and
started again, it goes on counting.
"""

import json
import random
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812

KEYS = 30
PRODUCTS = [str(uuid.uuid5(uuid.NAMESPACE_DNS, f"product {n}")) for n in range(6)]
GTINS = ["4006381333931", "5901234123457", "8711253001202", "0036000291452"]


def key(what: str, n: int) -> str:
    """Give the id of one of the rows that are written again and again."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{what} {n}"))


class Writer:
    """One writer: `node` is host or store."""

    def __init__(self, node: str, path: Path, pause_s: float) -> None:
        self.node, self.path, self.pause_s = node, path, pause_s
        self.dice = random.Random(time.time_ns())  # noqa: S311 - what is written is no secret
        self.n = self._counted() + 1
        self.file = path.open("a", buffering=1)
        self.lines: dict[str, Connection] = {}

    def _counted(self) -> int:
        if not self.path.exists():
            return 0
        with self.path.open() as file:
            return max((json.loads(line)["n"] for line in file if line.endswith("}\n")), default=0)

    def _line(self, database: str) -> Connection:
        line = self.lines.get(database)
        if line is None or line.closed:
            line = psycopg2.connect(dbname=database, user="poser", connect_timeout=3)
            self.lines[database] = line
        return line

    def _note(self, word: str, **more: object) -> None:
        self.file.write(json.dumps({"word": word, "n": self.n, **more}) + "\n")

    def step(self) -> None:
        """Do one transaction."""
        operation = self.dice.choice(OPERATIONS[self.node])
        what = {"do": operation.__name__, "key": self.dice.randrange(KEYS)}
        self._note("try", **what)
        try:
            database = "trainwreck" if operation is ring else "poser"
            line = self._line(database)
            with line, line.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '10s'")
                done = operation(cursor, what["key"], self.n)
                if done is None:
                    line.rollback()
            if done is not None:
                self._note("ack", rows=done, **what)
        except psycopg2.IntegrityError as error:
            self._note("refused", why=str(error), **what)
        except psycopg2.Error:
            for each in self.lines.values():
                each.close()
            self.lines = {}
            time.sleep(0.3)
        self.n += 1

    def run(self) -> None:
        """Write until killed."""
        while True:
            self.step()
            time.sleep(self.pause_s)


def _put(cursor: Cursor, table: str, key_: str, **values: str) -> int:
    """Write a row, or its first value where it is there already."""
    names, first = ", ".join(("id", *values)), next(iter(values))
    marks = ", ".join(["%s"] * (len(values) + 1))
    cursor.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        f" ON CONFLICT (id) DO UPDATE SET {first} = excluded.{first}",
        [key_, *values.values()],
    )
    return cursor.rowcount


def put_brand(cursor: Cursor, k: int, n: int) -> int:
    return _put(cursor, "brands", key("brand", k), name=f"brand {k} {n}")


def delete_brand(cursor: Cursor, k: int, n: int) -> int:  # noqa: ARG001
    cursor.execute("DELETE FROM brands WHERE id = %s", [key("brand", k)])
    return cursor.rowcount


def renew_brand(cursor: Cursor, k: int, n: int) -> int:
    """Delete and make again under the same key, in one transaction."""
    delete_brand(cursor, k, n)
    return put_brand(cursor, k, n)


def roll_back_brand(cursor: Cursor, k: int, n: int) -> None:
    put_brand(cursor, k, n)


def swap_products(cursor: Cursor, k: int, n: int) -> int:  # noqa: ARG001 - as all
    """Have two products swap what only one of them may have."""
    one, other = GTINS[k % 2 * 2 : k % 2 * 2 + 2]
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    cursor.execute(
        "UPDATE products SET gtin = CASE gtin WHEN %s THEN %s ELSE %s END WHERE gtin IN (%s, %s)",
        [one, other, one, one, other],
    )
    return cursor.rowcount


def discount_customer(cursor: Cursor, k: int, n: int) -> int:
    cursor.execute(
        "UPDATE customers SET discount_percent = %s WHERE id = %s", [n % 100, key("customer", k)]
    )
    return cursor.rowcount


def put_customer(cursor: Cursor, k: int, n: int) -> int:
    return _put(
        cursor, "customers", key("customer", k), name=f"customer {k} {n}", number=f"chaos-{k}"
    )


def put_pending(cursor: Cursor, k: int, n: int) -> int:
    return _put(cursor, "pending_customers", key("pending", k), display_name=f"pending {k} {n}")


def delete_pending(cursor: Cursor, k: int, n: int) -> int:  # noqa: ARG001
    cursor.execute("DELETE FROM pending_customers WHERE id = %s", [key("pending", k)])
    return cursor.rowcount


def renew_pending(cursor: Cursor, k: int, n: int) -> int:
    delete_pending(cursor, k, n)
    return put_pending(cursor, k, n)


def roll_back_pending(cursor: Cursor, k: int, n: int) -> None:
    put_pending(cursor, k, n)


def ring(cursor: Cursor, k: int, n: int) -> int:  # noqa: ARG001
    """Ring a sale as a till does."""
    at = datetime.now(UTC)
    cursor.execute(
        "INSERT INTO pos_transactions (business_date, system, system_id, kind, store_number,"
        " terminal, receipt_number, started_at, ended_at)"
        " VALUES (%s, 'chaos', %s, 'sale', '8', '1', %s, %s, %s)",
        [at.date(), str(n), str(n), at, at],
    )
    return cursor.rowcount


OPERATIONS = {
    "host": [
        put_brand,
        put_brand,
        delete_brand,
        renew_brand,
        roll_back_brand,
        swap_products,
        discount_customer,
    ],
    "store": [
        put_customer,
        put_customer,
        put_pending,
        put_pending,
        delete_pending,
        renew_pending,
        roll_back_pending,
        ring,
    ],
}

if __name__ == "__main__":
    Writer(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])).run()
