# SPDX-License-Identifier: Apache-2.0
"""Open conflicts as a batch: looked at row by row, settled together, taken back together."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from poser.batch.executing import execute, undo
from poser.batch.moving import complete, held, make
from poser.batch.populating import populate
from poser.batch.rows import change, held_row, take_out
from poser.batch.types.sync_review import SyncReview
from poser.datasync.resolving import conflicts
from poser.db import transaction
from poser.errors import PoserError
from poser.model import Batch, BatchRow, DatasyncConflict
from tests.support.batches import acting
from tests.support.nodes import Chain

pytestmark = pytest.mark.postgresql

KEYS = [UUID(f"0190aaaa-0000-7000-8000-00000000000{n}") for n in range(4)]
TYPE = SyncReview()


@pytest.fixture
def number(chain: Chain) -> int:
    """Let three customers be changed at once and one be deleted; make a batch of that."""
    host, store = chain.host, chain["store-1"]
    for n, key in enumerate(KEYS):
        insert = "INSERT INTO customers (id, number, name) VALUES (:id, :number, 'Kim')"
        host.run(insert, id=key, number=str(n))
    chain.settle()
    host.run("UPDATE customers SET name = 'host ' || number, number = '1' || number")
    store.run("UPDATE customers SET name = 'store ' || number, number = '2' || number")
    store.run("DELETE FROM customers WHERE id = :id", id=KEYS[3])
    chain.settle()
    host.do(lambda s: s.execute(update(DatasyncConflict).values(is_open=True)))
    with acting("anna"):
        made = host.do(lambda s: s.merge(make(s, TYPE)).number)
        return populate(host.engine, TYPE, made).number


def rows(chain: Chain) -> dict[str, BatchRow]:
    with transaction(chain.host.engine) as session:
        found = session.scalars(select(BatchRow)).all()
        session.expunge_all()
        return {str(one.record_id)[-1]: one for one in found}


def run(chain: Chain, number: int) -> dict[str, int]:
    with acting("anna"):
        chain.host.do(lambda s: complete(s, TYPE, held(s, number)))
        return dict(execute(chain.host.engine, TYPE, number).counts)


def names(chain: Chain) -> list[tuple[object, ...]]:
    chain.settle()
    asked = "SELECT number, name FROM customers ORDER BY id"
    found = chain.host.rows(asked)
    assert all(one.rows(asked) == found for one in chain.peers if one.stores)
    return found


def test_each_open_conflict_is_a_row_with_both_sides(chain: Chain, number: int) -> None:
    assert number
    found = rows(chain)
    assert found["0"].old == {"name": "host 0", "number": "10"}
    assert found["0"].data == {"name": "store 0", "number": "20"}
    assert (found["0"].status, found["0"].model) == ("both", "customers")
    assert found["3"].status == "gone there"
    assert found["3"].data == {}


def test_executed_theirs_hold_but_for_what_somebody_left(chain: Chain, number: int) -> None:
    found = rows(chain)

    def edit(session: object) -> None:
        batch = session.scalars(select(Batch)).one()  # type: ignore[attr-defined]
        left = held_row(session, batch, found["1"].number)  # type: ignore[arg-type]
        take_out(session, batch, left)  # type: ignore[arg-type]
        half = held_row(session, batch, found["2"].number)  # type: ignore[arg-type]
        change(session, TYPE, batch, half, {"name": "host 2"})  # type: ignore[arg-type]
        with pytest.raises(PoserError, match="either as here or as on store-1"):
            change(session, TYPE, batch, half, {"name": "third"})  # type: ignore[arg-type]

    chain.host.do(edit)
    assert run(chain, number) == {"settled": 3, "stale": 0, "refused": 0}
    assert names(chain) == [("20", "store 0"), ("11", "host 1"), ("22", "host 2")]
    left = chain.host.do(lambda s: [(one.key, one.is_open) for one in conflicts(s)])
    assert sorted(left)[1] == (KEYS[1], True)
    assert sum(is_open for _, is_open in left) == 1


def test_what_others_settled_or_a_rule_forbids_is_left_out(chain: Chain, number: int) -> None:
    chain.host.run("UPDATE datasync_conflicts SET is_open = false WHERE key = :k", k=KEYS[0])
    # Another customer has the number by now that store 1 gave to this one.
    chain.host.run("INSERT INTO customers (number, name) VALUES ('21', 'Lea')")
    assert run(chain, number) == {"settled": 2, "stale": 1, "refused": 1}
    found = rows(chain)
    assert found["0"].reason.startswith("settled meanwhile")
    assert "there is one already with" in found["1"].reason


def test_numbers_that_two_records_swapped_are_taken_together(chain: Chain, number: int) -> None:
    chain.host.run("UPDATE customers SET number = '21' WHERE id = :k", k=KEYS[2])
    assert run(chain, number) == {"settled": 4, "stale": 0, "refused": 0}
    assert names(chain) == [("20", "store 0"), ("21", "store 1"), ("22", "store 2")]


def test_taken_back_the_conflicts_are_open_again(chain: Chain, number: int) -> None:
    run(chain, number)
    with acting("anna"):
        assert undo(chain.host.engine, TYPE, number) == 4
    assert names(chain)[0] == ("10", "host 0")
    assert len(names(chain)) == 4
    assert len(chain.host.do(lambda s: conflicts(s, only_open=True))) == 4
