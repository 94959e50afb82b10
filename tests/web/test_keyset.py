# SPDX-License-Identifier: Apache-2.0
"""Keyset pages against the whole table put in order by Python: every row once, in order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    insert,
    text,
)
from sqlalchemy.orm import Session

from poser.db import engine as make_engine
from tests.support.postgresql import Server
from web.grid.keyset import Edge, Walk, walk_rows
from web.grid.loading import edge_of
from web.grid.several import Step, walk_several
from web.grid.subject import Order

TABLE = Table(
    "things",
    MetaData(),
    Column("id", Uuid(), primary_key=True),
    Column("number", Integer()),
    Column("word", Text()),
    Column("amount", Numeric(12, 3)),
    Column("at", DateTime(timezone=True)),
)
NAMES = ("number", "word", "amount", "at")
FEW = {
    "number": st.none() | st.integers(-2, 3),
    "word": st.none() | st.sampled_from(["", "a", "A", "ä", "a b", "'", "%", "zz"]),
    "amount": st.none() | st.decimals(-1, 1, places=1),
    "at": st.none() | st.integers(0, 3).map(
        lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
    ),
}  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries(FEW), max_size=25)


@pytest.fixture(scope="module")
def engine(postgresql: Server) -> Iterator[Engine]:
    name = postgresql.create()
    made = make_engine(postgresql.owner_url(name))
    TABLE.metadata.create_all(made)
    yield made
    made.dispose()
    postgresql.drop(name)


def in_order(rows: Sequence[dict[str, object]], name: str, *, descending: bool) -> list[UUID]:
    """Put the ids in order: by value then id, those without a value last, whichever way."""

    def key(row: dict[str, object]) -> tuple[object, object]:
        value = row[name]
        # PostgreSQL compares text of the C locale by its bytes.
        return (value.encode() if isinstance(value, str) else value, row["id"])

    valued = sorted((r for r in rows if r[name] is not None), key=key, reverse=descending)
    bare = sorted((r for r in rows if r[name] is None), key=lambda r: r["id"], reverse=descending)  # type: ignore[arg-type,return-value]
    return [row["id"] for row in valued + bare]  # type: ignore[misc]


def walked(session: Session, order: Order, walk: Walk) -> list[UUID]:
    """Turn pages from the start of a walk until there are no more rows."""
    found: list[UUID] = []
    for _ in range(60):
        rows = session.execute(walk_rows([TABLE.c.id], (), order, TABLE.c.id, walk)).all()
        if not rows:
            return found
        found += [row[0] for row in rows]
        walk = replace(walk, edge=edge_of(rows[-1]))
    raise AssertionError("the pages never end")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=ROWS,
    name=st.sampled_from(NAMES),
    walk=st.builds(Walk, descending=st.booleans(), backward=st.booleans(), limit=st.integers(1, 7)),
)
def test_pages_give_every_row_once_and_in_order(
    engine: Engine,
    rows: list[dict[str, object]],
    name: str,
    walk: Walk,
) -> None:
    rows = [{**row, "id": UUID(int=(n * 7919) % 1009)} for n, row in enumerate(rows, 1)]
    order = Order(by=TABLE.c[name], nullable=True)
    with Session(engine) as session:
        if rows:
            session.execute(insert(TABLE), rows)
        expected = in_order(rows, name, descending=walk.descending)
        assert walked(session, order, walk) == (expected[::-1] if walk.backward else expected)
        session.rollback()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=ROWS.filter(bool),
    name=st.sampled_from(NAMES),
    data=st.data(),
)
def test_a_page_from_any_row_is_what_lies_beyond_it(
    engine: Engine, rows: list[dict[str, object]], name: str, data: st.DataObject
) -> None:
    rows = [{**row, "id": UUID(int=n)} for n, row in enumerate(rows, 1)]
    at = data.draw(st.sampled_from(rows))
    descending = data.draw(st.booleans())
    edge = Edge(value=at[name], key=at["id"])  # type: ignore[arg-type]
    order = Order(by=TABLE.c[name], nullable=True)
    expected = in_order(rows, name, descending=descending)
    place = expected.index(edge.key)
    with Session(engine) as session:
        session.execute(insert(TABLE), rows)
        for backward in (False, True):
            walk = Walk(descending=descending, backward=backward, edge=edge, limit=5)
            found = session.scalars(walk_rows([TABLE.c.id], (), order, TABLE.c.id, walk)).all()
            beyond = expected[:place][::-1] if backward else expected[place + 1 :]
            assert found == beyond[:5]
        session.rollback()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("nullable", "value"), [(False, Decimal(5)), (True, Decimal(5)), (True, None)]
)
def test_a_deep_page_reads_the_index_and_sorts_nothing_large(
    engine: Engine, *, descending: bool, nullable: bool, value: Decimal | None
) -> None:
    walk = Walk(descending=descending, edge=Edge(value=value, key=UUID(int=9)), limit=50)
    order = Order(by=TABLE.c.amount, nullable=nullable)
    index = Index("ix_things_amount_id", TABLE.c.amount, TABLE.c.id)
    with Session(engine) as session:
        index.create(session.connection())
        session.execute(
            text(
                "INSERT INTO things (id, amount) SELECT gen_random_uuid(),"
                " CASE WHEN n % 5 = 0 THEN NULL ELSE n % 20 END FROM generate_series(1, 20000) n"
            )
        )
        session.execute(text("ANALYZE things"))
        statement = walk_rows([TABLE.c.id], (), order, TABLE.c.id, walk).compile(
            engine, compile_kwargs={"literal_binds": True}
        )
        plan = "\n".join(
            session.execute(text(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}")).scalars()
        )
        TABLE.indexes.discard(index)
        session.rollback()
    assert "Seq Scan" not in plan
    assert "ix_things_amount_id" in plan
    read = [int(line.split("rows=")[2].split()[0]) for line in plan.splitlines() if "Scan" in line]
    assert all(rows <= 50 for rows in read), plan


def in_order_of_several(
    rows: Sequence[dict[str, object]], steps: Sequence[tuple[str, bool]]
) -> list[UUID]:
    """Put ids in order by several columns: sorted by the last first, since sorting is stable."""
    found = sorted(rows, key=lambda row: row["id"], reverse=steps[-1][1])  # type: ignore[arg-type,return-value]
    for name, descending in reversed(steps):
        valued = [row for row in found if row[name] is not None]
        bare = [row for row in found if row[name] is None]
        # Not reverse=True: what is equal stays as it was, whichever way it runs.
        words = sorted({_key(row[name]) for row in valued}, reverse=descending)  # type: ignore[type-var]
        found = [row for word in words for row in valued if _key(row[name]) == word] + bare
    return [row["id"] for row in found]  # type: ignore[misc]


def _key(value: object) -> object:
    return value.encode() if isinstance(value, str) else value


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=ROWS,
    steps=st.lists(
        st.tuples(st.sampled_from(NAMES), st.booleans()),
        min_size=2,
        max_size=3,
        unique_by=lambda step: step[0],
    ),
    backward=st.booleans(),
    limit=st.integers(1, 7),
)
def test_pages_in_an_order_by_several_columns_give_every_row_once(
    engine: Engine,
    rows: list[dict[str, object]],
    steps: list[tuple[str, bool]],
    backward: bool,  # noqa: FBT001 - hypothesis names it
    limit: int,
) -> None:
    rows = [{**row, "id": UUID(int=(n * 7919) % 1009)} for n, row in enumerate(rows, 1)]
    order = [
        Step(name=name, order=Order(by=TABLE.c[name], nullable=True), descending=descending)
        for name, descending in steps
    ]
    walk = Walk(backward=backward, limit=limit)
    found: list[UUID] = []
    with Session(engine) as session:
        if rows:
            session.execute(insert(TABLE), rows)
        for _ in range(40):
            page = session.execute(walk_several([TABLE.c.id], (), order, TABLE.c.id, walk)).all()
            if not page:
                break
            found += [row[0] for row in page]
            walk = replace(walk, edge=edge_of(page[-1], len(order)))
        session.rollback()
    expected = in_order_of_several(rows, steps)
    assert found == (expected[::-1] if backward else expected)
