# SPDX-License-Identifier: Apache-2.0
"""The peers of datasync on the two machines: logical replication, and a consumer row by row.

Each machine gets a second PostgreSQL with the settings of its first, whose database `rival` has the
same schema (indexes, rules, history) and the same products. Logical replication fires no triggers.
"""

import time

from bench.syncing.machines import FOLDER, PYTHON, Node

PORT = 5433
VERSION = 17
INTO_RIVAL = f"psql -Xq -v ON_ERROR_STOP=1 -p {PORT} rival"
DSN = f"port={PORT} dbname=rival user=poser"
COMMITTED = "pg_xact_commit_timestamp(xmin)"
_ARRIVED = """\
ALTER TABLE products ADD arrived timestamptz;
CREATE FUNCTION arrived() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN NEW.arrived = clock_timestamp(); RETURN NEW; END$$;
CREATE TRIGGER arrived BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION arrived();
ALTER TABLE products ENABLE ALWAYS TRIGGER arrived"""
_QUEUE = """\
CREATE TABLE changes (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL);
GRANT ALL ON ALL TABLES IN SCHEMA public TO poser;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$BEGIN INSERT INTO changes (key) VALUES (coalesce(NEW.id, OLD.id)); RETURN NULL; END$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON products
FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE products DISABLE TRIGGER note"""


def ask(node: Node, statement: str, *, rival: bool = False) -> str:
    """Run a statement as the superuser of a machine's database; returns rows as lines."""
    where = f"-p {PORT} -d rival" if rival else "-d poser"
    return node.run(
        f"psql -XAqt -F , -v ON_ERROR_STOP=1 {where} <<'END'\n{statement}\nEND", user="postgres"
    )


def note_commits(node: Node) -> None:
    """Let the node's own PostgreSQL remember when transactions were committed, from now on."""
    here = f"/etc/postgresql/{VERSION}/main/conf.d"
    node.run(f"install -d {here} && echo track_commit_timestamp=on > {here}/zz-bench.conf")
    node.run(f"systemctl restart postgresql@{VERSION}-main && systemctl restart 'poser-*.service'")


def start(node: Node) -> None:
    """Start a second PostgreSQL beside the node's own, with a copy of its products."""
    main, rival = (f"/etc/postgresql/{VERSION}/{name}" for name in ("main", "rival"))
    node.run(f"pg_createcluster {VERSION} rival -p {PORT}")
    node.run(
        f"install -d {rival}/conf.d && cp -a {main}/conf.d/* {rival}/conf.d/"
        f" && printf '%s\\n' \"listen_addresses='*'\" wal_level=logical port={PORT}"
        f" archive_mode=off > {rival}/conf.d/zzz-rival.conf"
        f" && printf '%s\\n' 'local all all trust' 'host all all all trust' > {rival}/pg_hba.conf"
        f" && pg_ctlcluster {VERSION} rival start"
    )
    node.run(f"nft add rule inet poser input tcp dport {PORT} accept")
    node.run(
        f"for role in poser poser_owner; do createuser -p {PORT} $role; done;"
        f" createdb -p {PORT} rival; pg_dump -s poser | {INTO_RIVAL}",
        user="postgres",
    )
    tables = "-t recorded_tables -t products"
    node.run(f"pg_dump -a --disable-triggers {tables} poser | {INTO_RIVAL}", user="postgres")
    ask(node, _QUEUE, rival=True)


def remove(node: Node) -> None:
    """Leave the machine without what `start` and `note_commits` made, as its role says."""
    node.run(f"pg_dropcluster --stop {VERSION} rival 2>/dev/null || true")
    node.run(
        f"rm -f /etc/postgresql/{VERSION}/main/conf.d/zz-bench.conf && nft -f /etc/nftables.conf"
    )


class Logical:
    """PostgreSQL's own logical replication, one subscription for the products.

    It copies the time of the host's commit, so when a row comes is noted in the row itself: the
    commit behind that is not counted.
    """

    name = "logical replication"
    is_rival = True
    came = "arrived"

    def __init__(self, host: Node, store: Node) -> None:
        self._store = store
        ask(store, _ARRIVED, rival=True)
        ask(host, "CREATE PUBLICATION products FOR TABLE products", rival=True)
        ask(
            store,
            "CREATE SUBSCRIPTION products CONNECTION"
            f" 'host={host.address} port={PORT} dbname=rival user=postgres'"
            " PUBLICATION products WITH (copy_data = false)",
            rival=True,
        )

    def stop(self) -> None:
        """Let it bring nothing."""
        ask(self._store, "ALTER SUBSCRIPTION products DISABLE", rival=True)
        time.sleep(2)

    def start(self) -> None:
        """Let it go on."""
        ask(self._store, "ALTER SUBSCRIPTION products ENABLE", rival=True)

    def end(self) -> None:
        """Let it be gone."""
        ask(self._store, "DROP SUBSCRIPTION products; DROP TRIGGER arrived ON products", rival=True)


class RowByRow:
    """A consumer that brings one row at a time through the ORM, from a queue table."""

    name = "row by row"
    is_rival = True
    came = COMMITTED

    def __init__(self, host: Node, store: Node) -> None:
        self._host, self._store = host, store
        ask(host, "ALTER TABLE products ENABLE TRIGGER note", rival=True)

    def stop(self) -> None:
        """End it, if it runs."""
        self._store.run("systemctl stop bench-orm 2>/dev/null || true")

    def start(self) -> None:
        """Start it."""
        self.stop()
        self._store.run(
            f"systemd-run --quiet --collect --unit=bench-orm --uid=poser {PYTHON} {FOLDER}/orm.py"
            f" 'host={self._host.address} {DSN}' '{DSN}'"
        )

    def end(self) -> None:
        """Let it be gone."""
        self.stop()
        ask(self._host, "ALTER TABLE products DISABLE TRIGGER note; TRUNCATE changes", rival=True)


class Datasync:
    """Ours: the daemons of the two nodes, as they run on every node."""

    name = "datasync"
    is_rival = False
    came = COMMITTED

    def __init__(self, host: Node, store: Node) -> None:
        self._store = store
        del host

    def stop(self) -> None:
        """Stop the store's daemon."""
        self._store.run("systemctl stop poser-datasync")

    def start(self) -> None:
        """Start it again."""
        self._store.run("systemctl start poser-datasync")

    def end(self) -> None:
        """Leave it running."""
