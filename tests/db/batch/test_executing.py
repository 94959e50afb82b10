# SPDX-License-Identifier: Apache-2.0
"""A batch is executed once: whole, or not at all."""

import threading

import pytest
from sqlalchemy import Engine, text

from poser.batch import executing
from poser.batch.locking import working
from poser.batch.moving import approve, by_number, held, reopen
from poser.batch.purging import delete, purge
from poser.db import transaction
from poser.errors import BatchFrozen, PoserError, Unavailable
from poser.history.reading import newest_transactions
from poser.model import Brand
from tests.support.batches import Made, NewBrands, acting, names_of_brands, status_of

pytestmark = pytest.mark.postgresql


def test_executing_does_the_work_and_says_so(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", "Bolt")
    watched = []
    with acting("berta"):
        done = executing.execute(poser_db, brands, number, lambda *far: watched.append(far))
    assert (done.counts, done.notes) == ({"created": 2}, ("well done",))
    assert watched == [(1, 2), (2, 2)]
    assert names_of_brands(poser_db) == ["Acme", "Bolt"]
    with transaction(poser_db, read_only=True) as session:
        batch = by_number(session, number)
        assert (batch.status, batch.executed_at is not None) == ("executed", True)
        (execution,) = executing.executions(session, batch)
        assert (execution.status, execution.user_name) == ("done", "berta")
        assert execution.counts == {"created": 2}
        newest = newest_transactions(session, "brands")[0]
        assert [newest.id] == execution.transaction_ids
        assert (newest.user_name, newest.via) == ("berta", f"batch {number}")


def test_a_batch_is_executed_once_however_often_somebody_asks(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    executing.execute(poser_db, brands, number)
    with pytest.raises(BatchFrozen, match=f"batch {number} is executed, not complete"):
        executing.execute(poser_db, brands, number)
    assert names_of_brands(poser_db) == ["Acme"]


def test_of_many_who_execute_a_batch_at_the_same_time_one_does(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made(*(f"Brand {n:03}" for n in range(50)))
    start = threading.Barrier(6)
    done, refused = [], []

    def run() -> None:
        start.wait()
        try:
            done.append(executing.execute(poser_db, brands, number))
        except (Unavailable, BatchFrozen) as error:
            refused.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(done), len(refused)) == (1, 5)
    assert len(names_of_brands(poser_db)) == 50


def test_what_fails_in_the_middle_leaves_nothing_and_can_be_tried_again(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", "Bad", "Coil")
    brands.fails = "Bad"
    with pytest.raises(PoserError, match="cannot make Bad"):
        executing.execute(poser_db, brands, number)
    assert names_of_brands(poser_db) == []
    with transaction(poser_db, read_only=True) as session:
        batch = by_number(session, number)
        assert (batch.status, batch.status_text) == ("failed", "cannot make Bad")
        waiting = session.scalar(text("SELECT count(*) FROM batch_rows WHERE outcome = 'waiting'"))
        assert waiting == 3
    brands.fails = ""
    executing.execute(poser_db, brands, number)
    assert names_of_brands(poser_db) == ["Acme", "Bad", "Coil"]
    with transaction(poser_db, read_only=True) as session:
        batch = by_number(session, number)
        assert [one.status for one in executing.executions(session, batch)] == ["failed", "done"]
        assert batch.status_text == ""


def test_a_program_that_died_while_executing_is_found_out_and_can_be_followed(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    with working(poser_db, number) as session:
        executing._start(session, brands, number)  # here the program dies
    assert status_of(poser_db, number) == "executing"
    executing.execute(poser_db, brands, number)
    assert names_of_brands(poser_db) == ["Acme"]
    with transaction(poser_db, read_only=True) as session:
        died, done = executing.executions(session, by_number(session, number))
        assert (died.status, done.status) == ("failed", "done")
        assert died.why == "its program ended before it did; nothing of it was kept"


def test_while_one_works_on_a_batch_nobody_else_does(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    with (
        working(poser_db, number),
        pytest.raises(Unavailable, match=f"another program works on batch {number}"),
    ):
        executing.execute(poser_db, brands, number)


def test_a_batch_that_needs_it_is_approved_by_somebody_else_first(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    brands.approval_from = 2
    number = made("Acme", "Bolt")
    with pytest.raises(PoserError, match="must be approved first"):
        executing.execute(poser_db, brands, number)
    with acting("berta"), transaction(poser_db) as session:
        approve(session, brands, held(session, number))
    executing.execute(poser_db, brands, number)
    assert names_of_brands(poser_db) == ["Acme", "Bolt"]


def test_a_preview_shows_every_change_and_makes_none(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    for complete_it in (False, True):
        number = made("Acme", "Bolt", complete_it=complete_it)
        before = status_of(poser_db, number)
        seen = executing.preview(poser_db, brands, number)
        assert seen.executed.counts == {"created": 2}
        assert [(c.table, c.kind, c.new["name"]) for c in seen.changes] == [
            ("brands", "insert", "Acme"),
            ("brands", "insert", "Bolt"),
        ]
        assert names_of_brands(poser_db) == []
        assert status_of(poser_db, number) == before


def test_undoing_takes_back_what_the_batch_did_and_nothing_else(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    with transaction(poser_db) as session:
        session.add(Brand(name="Zinc"))
    number = made("Acme", "Bolt")
    executing.execute(poser_db, brands, number)
    assert executing.undo(poser_db, brands, number) == 2
    assert names_of_brands(poser_db) == ["Zinc"]
    assert status_of(poser_db, number) == "undone"
    with pytest.raises(BatchFrozen, match="is undone"):
        executing.undo(poser_db, brands, number)
    with pytest.raises(BatchFrozen, match="is undone"), transaction(poser_db) as session:
        reopen(session, held(session, number))


def test_what_somebody_changed_since_is_named_and_nothing_is_undone(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", "Bolt")
    executing.execute(poser_db, brands, number)
    with acting("carl"), transaction(poser_db) as session:
        session.execute(text("UPDATE brands SET name = 'Acme Ltd' WHERE name = 'Acme'"))
    with pytest.raises(PoserError, match=r"1 changed since.*name \(by carl"):
        executing.undo(poser_db, brands, number)
    assert names_of_brands(poser_db) == ["Acme Ltd", "Bolt"]
    assert status_of(poser_db, number) == "executed"


def test_executed_batches_go_after_a_while_and_what_they_did_stays(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    old, young, waiting = made("Acme"), made("Bolt"), made("Coil")
    for number in (old, young):
        executing.execute(poser_db, brands, number)
    with transaction(poser_db) as session:
        session.execute(
            text("UPDATE batches SET executed_at = now() - interval '91 days' WHERE number = :old"),
            {"old": old},
        )
        assert purge(session, [brands], dry_run=True) == {"new-brands": 1}
        assert purge(session, [brands]) == {"new-brands": 1}
        assert purge(session, [brands]) == {"new-brands": 0}
        left = set(session.scalars(text("SELECT number FROM batches")))
        assert left == {young, waiting}
        delete(session, held(session, waiting))
        assert session.scalar(text("SELECT count(*) FROM batch_rows")) == 1
    assert names_of_brands(poser_db) == ["Acme", "Bolt"]
