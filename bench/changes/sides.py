# SPDX-License-Identifier: Apache-2.0
"""The same products in one database for each way of keeping changes."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from bench.measure.cluster import Cluster
from poser.db import transaction
from poser.db.migrations import upgrade
from poser.history.switching import switch

HERE = Path(__file__).parent
TEMPLATE = "shop"
# Nothing but what the trigger itself costs: one index, as our versions have two.
_ROW_TRIGGER = """
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL,
    who text NOT NULL, name text NOT NULL, row_id uuid NOT NULL, old jsonb, new jsonb
);
CREATE INDEX ON audit (row_id, id);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (at, who, name, row_id, old, new)
    VALUES (now(), session_user, TG_TABLE_NAME, NEW.id, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
CREATE TRIGGER audit AFTER UPDATE ON products FOR EACH ROW EXECUTE FUNCTION audit()
"""
_EMPTY = """
DO $$ BEGIN
    TRUNCATE versions, history_transactions, capture;
    IF to_regclass('audit') IS NOT NULL THEN TRUNCATE audit; END IF;
    IF to_regclass('products_version') IS NOT NULL THEN
        TRUNCATE products_version, transaction;
    END IF;
END $$
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A way of keeping changes: its database, and what is on in it.

    `orm` says how the change is made: as one statement (None), or by loading and changing
    objects, with SQLAlchemy-Continuum (True) or without (False).
    """

    name: str
    database: str
    history: bool = False
    capture: bool = False
    statements: str = ""
    orm: bool | None = None


NOTHING = Side(name="nothing kept", database="shop_nothing")
CAPTURE = Side(name="capture", database="shop_capture", capture=True)
BOTH = Side(name="history and capture", database="shop_both", history=True, capture=True)
SIDES = (
    NOTHING,
    CAPTURE,
    BOTH,
    Side(name="row trigger, jsonb", database="shop_rows", statements=_ROW_TRIGGER),
)
OBJECTS = Side(name="objects, nothing kept", database="shop_objects", orm=False)
CONTINUUM = Side(name="objects, Continuum", database="shop_continuum", orm=True)


def prepare(cluster: Cluster, rows: int, sides: tuple[Side, ...]) -> None:
    """Make the databases: our schema by our migrations, `rows` products, and the ways."""
    cluster.execute("CREATE ROLE poser LOGIN", f"CREATE DATABASE {TEMPLATE}")
    upgrade("poser", cluster.url(TEMPLATE))
    _switch(cluster, TEMPLATE, NOTHING)
    seed = (HERE / "products.sql").read_text(encoding="utf-8").replace("ROWS", str(rows))
    cluster.execute(*seed.split(";\n"), "VACUUM ANALYZE", database=TEMPLATE)
    for side in sides:
        cluster.execute(f"CREATE DATABASE {side.database} TEMPLATE {TEMPLATE}")
        _switch(cluster, side.database, side)
        if side.statements:
            cluster.execute(side.statements, database=side.database)


def settle(cluster: Cluster, side: Side) -> None:
    """Bring a database back to where it was, so that no round pays for the one before."""
    cluster.execute(_EMPTY, "VACUUM products", "CHECKPOINT", database=side.database)


def _switch(cluster: Cluster, database: str, side: Side) -> None:
    engine = create_engine(cluster.url(database))
    with transaction(engine) as session:
        switch(session, ["products"], history=side.history, capture=side.capture)
    engine.dispose()
