# SPDX-License-Identifier: Apache-2.0
"""A host and a store write at once while everything breaks: nothing is lost, and all ends alike.

POSER_CHAOS=200 breaks more than what fits into every run, POSER_CHAOS_SEED=7 in another order.
"""

import json
import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from control import ca, revocation
from roles.values import Peer
from tests.support.chaos import history, writer
from tests.support.chaos.faults import patiently, plan, strike
from tests.support.daemons import eventually
from tests.support.shop import Shop

pytestmark = pytest.mark.lab

HOST, STORE = "chaos-host", "chaos-store"
FAULTS = int(os.environ.get("POSER_CHAOS", "24"))
SEED = int(os.environ.get("POSER_CHAOS_SEED", "1"))
PAUSE_S = 0.01
FOLDER = "/var/lib/chaos"
PYTHON = "/opt/poser/current/bin/python"
PATIENCE_S = 240
_SIGNS = (
    "SELECT name, state, received_pos, sent_pos, epoch, is_filled FROM datasync_peers",
    "SELECT epoch, (SELECT max(pos) FROM datasync_changes) FROM datasync_node",
    "SELECT decided_by, fields, count(*), min(at), max(at) FROM datasync_conflicts GROUP BY 1, 2",
    "SELECT table_name, peer, ours, theirs, base, at FROM datasync_conflicts ORDER BY at LIMIT 3",
    "SELECT pos, origin, base, at, data FROM datasync_changes ORDER BY pos DESC LIMIT 9",
)
_TO_TELL = "SELECT 1 FROM pos_outbox WHERE NOT told @> '{refused}' LIMIT 1"  # the example's stay
START = (
    "systemd-run --quiet --collect --unit=chaos --uid=poser --property=Restart=always"
    f" --property=RestartSec=1 {PYTHON} {FOLDER}/writer.py"
)

MANY = 50_000
DATA = "/var/lib/postgresql"
FULL = f"INSERT INTO brands (name) SELECT 'Full ' || n FROM generate_series(1, {MANY}) AS n"  # noqa: S608
FILLER = f"{DATA}/filler"
ON_A_SMALL_DISK = f"""
systemctl stop 'poser-*.service' postgresql &&
mount -t tmpfs -o size=$(($(du -sm {DATA} | cut -f 1) + 600))m small /mnt &&
cp -a {DATA}/. /mnt && mount --bind /mnt {DATA} &&
systemctl start postgresql && systemctl start poser-web poser-datasync
"""
FILL = f"fallocate -l $(df --output=avail -B1 {DATA} | tail -n 1) {FILLER}"


class Nodes:
    """The two machines, and the writers on them."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def write(self, name: str) -> None:
        """Start the writer of a machine, which may have died with its power."""
        kind = "host" if name == HOST else "store"
        patiently(self.shop, name, f"{START} {kind} {FOLDER}/history {PAUSE_S}")

    def sql(self, name: str, statement: str, database: str = "poser") -> list[list[str]]:
        """Ask a node's database; returns the rows as texts."""
        psql = f"psql -XAqt -F '|' -d {database} -c {shlex.quote(statement)}"
        said = patiently(self.shop, name, f"cd / && runuser -u poser -- {psql}")
        return [line.split("|") for line in said.splitlines()]

    def history(self, name: str) -> list[history.Write]:
        return history.read(self.shop.run(name, f"cat {FOLDER}/history"))

    def names(self, node: str, table: str, column: str) -> dict[int, str]:
        """Return the names of the rows that are written again and again, by key."""
        rows = self.sql(node, f"SELECT {column} FROM {table} WHERE {column} ~ '^\\w+ \\d+ \\d+$'")  # noqa: S608
        return {int(name.split()[1]): name for (name,) in rows}

    def status(self, name: str) -> str:
        return patiently(self.shop, name, "poser datasync status || true")

    def signs(self) -> str:
        """Return what helps whoever looks for the reason of a failure."""
        return "\n".join(
            f"{name}: {statement}\n" + "\n".join("|".join(row) for row in rows)
            for name in (HOST, STORE)
            for statement in _SIGNS
            for rows in [self.sql(name, statement)]
        )

    def is_in_step(self) -> bool:
        """Tell whether nothing is on its way any more, in either direction."""
        for name in (HOST, STORE):
            said = patiently(self.shop, name, "poser datasync status --json || true")
            if not said.startswith("{"):
                return False
            peers = [one for one in json.loads(said)["peers"] if one["seen_at"]]
            if not peers or any(one["behind"] or one["parked"] for one in peers):
                return False
            if self.sql(name, "SELECT 1 FROM capture LIMIT 1"):
                return False
        return not self.sql(STORE, _TO_TELL, "trainwreck")


@pytest.fixture(scope="module")
def nodes(shop: Shop, built: str) -> Iterator[Nodes]:
    """Make a host and a store that dials it, with what the writers need."""
    host = shop.clone(built, HOST)
    shop.clone(built, STORE)
    peers = (Peer(name=STORE, role="store", address="", stores=("8",)),)
    revoked = revocation.revoked_pem(shop.secrets)
    shop.converge(HOST, lambda role: role, role="host", peers=peers, revoked_pem=revoked)
    pem = ca.node_certificate(shop.secrets, STORE).certificate_pem
    dials = (Peer(name=HOST, role="host", address=host.address),)
    shop.converge(STORE, lambda role: role, peers=dials, stores=("8",), node_pem=pem)
    made = Nodes(shop)
    source = Path(writer.__file__).read_text()
    for name in (HOST, STORE):
        shop.run(
            name,
            f"install -d -o poser {FOLDER} && cat > {FOLDER}/writer.py <<'END'\n{source}\nEND",
        )
    products = ", ".join(
        f"('{key}', 'product {n}', '{gtin}')"
        for n, (key, gtin) in enumerate(zip(writer.PRODUCTS, writer.GTINS, strict=False))
    )
    made.sql(HOST, f"INSERT INTO products (id, description, gtin) VALUES {products}")  # noqa: S608
    yield made
    shop.lab.down([HOST, STORE])


def test_nothing_is_lost_doubled_or_out_of_order_whatever_breaks(nodes: Nodes) -> None:
    for name in (HOST, STORE):
        nodes.write(name)
    faults = list(plan(SEED, HOST, STORE, FAULTS))
    for fault in faults:
        strike(nodes.shop, fault, nodes.write)
        time.sleep(0.5)
    for name in (HOST, STORE):
        patiently(nodes.shop, name, "systemctl stop chaos")
    told = f"seed {SEED}: {'; '.join(map(str, faults))}"
    end = time.monotonic() + PATIENCE_S
    while not nodes.is_in_step():
        states = [nodes.status(name) for name in (HOST, STORE)]
        assert time.monotonic() < end, "\n".join((told, *states))
        time.sleep(2)
    ours, theirs = nodes.history(HOST), nodes.history(STORE)
    assert min(sum(one.is_acknowledged for one in some) for some in (ours, theirs)) > 20 * FAULTS
    for node in (HOST, STORE):
        wrong = [
            *history.lost(ours, "brand", nodes.names(node, "brands", "name")),
            *history.lost(theirs, "customer", nodes.names(node, "customers", "name")),
            *history.lost(
                theirs, "pending", nodes.names(node, "pending_customers", "display_name")
            ),
            *wrong_discounts(nodes, node, ours),
        ]
        assert wrong == [], "\n".join((f"{node}: {told}", *wrong, nodes.signs()))
    assert list(history.out_of_order(written(nodes, STORE, "brands", "name"))) == [], told
    assert list(history.out_of_order(written(nodes, HOST, "customers", "name"))) == [], told
    patiently(nodes.shop, STORE, "poser datasync verify")
    for table in ("brands", "products", "customers", "pending_customers"):
        rows = f"SELECT * FROM {table} ORDER BY id"  # noqa: S608
        assert nodes.sql(HOST, rows) == nodes.sql(STORE, rows), f"{table}: {told}"
    sales = "SELECT system_id FROM pos_transactions WHERE system = 'chaos' ORDER BY 1"
    rung = [one for (one,) in nodes.sql(HOST, sales, "trainwreck")]
    assert len(rung) == len(set(rung)), f"doubled: {told}"
    acknowledged = {str(one.n) for one in theirs if one.do == "ring" and one.is_acknowledged}
    assert acknowledged <= set(rung), f"lost: {told}"
    assert sorted(rung) == sorted(one for (one,) in nodes.sql(STORE, sales, "trainwreck"))


def written(nodes: Nodes, node: str, table: str, column: str) -> list[tuple[str, str]]:
    """Return the ids and names that a node's history has of rows, in the order of writing."""
    rows = nodes.sql(
        node,
        f"SELECT v.row_id, v.new->'{column}' FROM versions AS v"  # noqa: S608
        f" JOIN recorded_tables AS t ON t.id = v.table_id WHERE t.name = '{table}'"
        f" AND v.new->'{column}' ~ '^\\w+ \\d+ \\d+$' ORDER BY v.at, v.statement, v.n",
    )
    return [(row, name) for row, name in rows]


def wrong_discounts(nodes: Nodes, node: str, writes: list[history.Write]) -> Iterator[str]:
    """Say which customers do not have the discount that the host gave last, beside their names."""
    found = nodes.sql(node, "SELECT id, round(discount_percent) FROM customers")
    there = {row[0]: row[1] for row in found}
    given: dict[int, list[history.Write]] = {}
    for one in writes:
        if one.do == "discount_customer":
            given.setdefault(one.key, []).append(one)
    for key, some in given.items():
        last = max((one.n for one in some if one.is_acknowledged and one.rows), default=0)
        allowed = {
            str(one.n % 100)
            for one in some
            if one.n >= last and (one.rows or not one.is_acknowledged)
        }
        discount = there.get(writer.key("customer", key), "")
        if last and discount not in allowed:
            yield f"customer {key} has {discount} %, and should have one of {allowed}"


def test_a_full_disk_holds_up_what_comes_and_loses_nothing(nodes: Nodes) -> None:
    shop = nodes.shop
    patiently(shop, STORE, ON_A_SMALL_DISK)
    ((before,),) = nodes.sql(STORE, "SELECT count(*) FROM brands")
    shop.run(STORE, FILL)
    nodes.sql(HOST, FULL)
    words = "journalctl -u poser-datasync -n 100 | grep -c 'No space left on device'"
    eventually(lambda: int(shop.run(STORE, f"{words} || true")), within_s=PATIENCE_S)
    peers = json.loads(patiently(shop, HOST, "poser datasync status --json || true"))["peers"]
    assert next(one["behind"] for one in peers if one["name"] == STORE)
    assert "No space left on device" in shop.run(STORE, "poser doctor", may_fail=True)
    shop.run(STORE, f"rm {FILLER}")
    # Nobody lends a hand: also a PostgreSQL that gave up comes back.
    eventually(lambda: brands(nodes) == int(before) + MANY, within_s=PATIENCE_S)
    eventually(nodes.is_in_step, within_s=PATIENCE_S)
    patiently(shop, STORE, "poser datasync verify")


def brands(nodes: Nodes) -> int:
    """Count those of the store; -1 while its database does not answer."""
    asked = "runuser -u poser -- psql -XAqt -d poser -c 'SELECT count(*) FROM brands' || echo -1"
    return int(patiently(nodes.shop, STORE, f"cd / && {asked}"))
