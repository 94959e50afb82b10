# SPDX-License-Identifier: Apache-2.0
"""A batch goes only where it may, and a frozen one stays as it is: the database sees to it."""

import contextlib

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from poser.batch.batch_type import NewRow
from poser.batch.moving import approve, by_number, complete, events, held, make, reopen, say
from poser.batch.rows import add_rows
from poser.db import transaction
from poser.db.refused import Refused
from poser.errors import BatchFrozen, PoserError, StaleRecord
from poser.model import BatchRow, BatchStatus
from tests.support.batches import Made, NewBrands, acting, status_of

pytestmark = pytest.mark.postgresql

MAY = {
    "draft": {"populating", "open"},
    "populating": {"draft", "open"},
    "open": {"populating", "complete"},
    "complete": {"open", "approved", "executing"},
    "approved": {"open", "executing"},
    "executing": {"executed", "failed"},
    "failed": {"open", "executing"},
    "executed": {"undone"},
    "undone": set(),
}
OVER = ("executed", "undone")
_MADE = text(
    "INSERT INTO batches (key, status, executed_at)"
    " VALUES ('a', :status, CASE WHEN :is_over THEN now() END)"
)
_MOVED = text(
    "UPDATE batches SET status = :status, executed_at = CASE WHEN :is_over THEN now() END"
)


@pytest.mark.parametrize("before", list(BatchStatus))
def test_a_batch_goes_only_where_it_may(poser_db: Engine, before: BatchStatus) -> None:
    went = set()
    with transaction(poser_db) as session:
        session.execute(_MADE, {"status": before, "is_over": before in OVER})
        for after in set(BatchStatus) - {before}:
            with contextlib.suppress(DBAPIError), session.begin_nested() as savepoint:
                session.execute(_MOVED, {"status": after, "is_over": after in OVER})
                went.add(str(after))
                savepoint.rollback()
    assert went == MAY[before]


def test_who_moved_a_batch_is_noted_by_the_database(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    with acting("berta"), transaction(poser_db) as session:
        batch = held(session, number)
        approve(session, brands, batch)
        say(session, batch, "Looks good.")
    with transaction(poser_db, read_only=True) as session:
        batch = by_number(session, number)
        assert (batch.created_by_name, batch.completed_by_name) == ("anna", "anna")
        assert batch.approved_by_name == "berta"
        assert [(one.status, one.user_name, one.comment) for one in events(session, batch)] == [
            ("draft", "anna", ""),
            ("populating", "anna", ""),
            ("open", "anna", ""),
            ("complete", "anna", ""),
            ("approved", "berta", ""),
            ("", "berta", "Looks good."),
        ]


def test_who_made_a_batch_cannot_approve_it(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    with (
        pytest.raises(PoserError, match="was made by anna, and somebody else must approve it"),
        acting("anna"),
        transaction(poser_db) as session,
    ):
        approve(session, brands, held(session, number))
    assert status_of(poser_db, number) == "complete"


def test_a_batch_without_rows_and_one_with_a_reason_against_it_cannot_be_complete(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    for names, forbids, says in (((), "", "has no rows"), (("A",), "Friday", "Friday")):
        brands.forbids = forbids
        number = made(*names, complete_it=False)
        with pytest.raises(PoserError, match=says), transaction(poser_db) as session:
            complete(session, brands, held(session, number))


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE batch_rows SET data = \'{"name": "Other"}\'',
        "UPDATE batch_rows SET is_removed = true",
        "UPDATE batch_rows SET outcome = 'done'",
        "DELETE FROM batch_rows",
        "INSERT INTO batch_rows (batch_id, number) SELECT id, 9 FROM batches",
    ],
)
def test_rows_of_a_frozen_batch_stay_as_they_are(
    poser_db: Engine, made: Made, statement: str
) -> None:
    made("Acme")
    with (
        pytest.raises(Refused, match="batch 1 is complete: its rows stay as they are") as caught,
        transaction(poser_db) as session,
    ):
        session.execute(text(statement))
    assert caught.value.hint == "open it again first"


def test_an_opened_batch_can_be_changed_again_and_its_approval_is_void(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    with acting("berta"), transaction(poser_db) as session:
        approve(session, brands, held(session, number))
    with transaction(poser_db) as session:
        reopen(session, held(session, number))
        add_rows(session, held(session, number), [NewRow(data={"name": "Bolt"})])
    with transaction(poser_db) as session:
        batch = held(session, number)
        assert (batch.status, batch.approved_by_name, batch.row_count) == ("open", "", 2)


def test_rows_cannot_slip_in_while_a_batch_is_frozen(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", complete_it=False)
    with transaction(poser_db) as session:
        batch = held(session, number)  # who freezes it waits for whoever adds rows, and back
        with poser_db.connect() as other:
            other.execute(text("SET lock_timeout = 200"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                other.execute(
                    text("INSERT INTO batch_rows (batch_id, number) VALUES (:id, 5)"),
                    {"id": batch.id},
                )
        complete(session, brands, batch)
    assert status_of(poser_db, number) == "complete"


def test_the_number_of_rows_is_kept_whoever_writes_them(poser_db: Engine, made: Made) -> None:
    made("A", "B", "C", complete_it=False)
    for statement, left in (
        ("UPDATE batch_rows SET is_removed = true WHERE number IN (1, 2)", 1),
        ("UPDATE batch_rows SET is_removed = NOT is_removed", 2),
        ("DELETE FROM batch_rows WHERE is_removed", 2),
        ("DELETE FROM batch_rows WHERE number = 1", 1),
        ("INSERT INTO batch_rows (batch_id, number) SELECT id, 7 FROM batches", 2),
    ):
        with transaction(poser_db) as session:
            session.execute(text(statement))
            counted = session.scalar(text("SELECT row_count FROM batches"))
            there = session.scalar(text("SELECT count(*) FROM batch_rows WHERE NOT is_removed"))
            assert counted == there == left, statement


def test_who_looked_at_an_older_state_of_a_batch_changes_nothing(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme")
    with transaction(poser_db) as session:
        seen = held(session, number).edits
    with transaction(poser_db) as session:
        reopen(session, held(session, number, seen))
    with (
        pytest.raises(StaleRecord, match=f"batch {number} was changed meanwhile; it is open now"),
        transaction(poser_db) as session,
    ):
        approve(session, brands, held(session, number, seen))


def test_a_batch_in_the_wrong_status_says_how_to_see_why(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    number = made("Acme", complete_it=False)
    with (
        pytest.raises(BatchFrozen, match=f"batch {number} is open, not complete") as caught,
        transaction(poser_db) as session,
    ):
        approve(session, brands, held(session, number))
    assert caught.value.hint == f"`poser batch show {number}` tells how it came there"


def test_a_batch_whose_rows_cannot_be_read_stays_a_draft_without_any(
    poser_db: Engine, made: Made, brands: NewBrands
) -> None:
    brands.fails = "Bad"
    with pytest.raises(PoserError, match="cannot read Bad"):
        made("Acme", "Bad")
    assert status_of(poser_db, 1) == "draft"
    with transaction(poser_db) as session:
        assert session.scalars(select(BatchRow)).all() == []
        make(session, brands)
