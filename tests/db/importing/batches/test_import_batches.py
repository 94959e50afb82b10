# SPDX-License-Identifier: Apache-2.0
"""A run becomes a batch: people look at it, change it, and execute it once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from poser.batch import executing
from poser.batch.moving import complete, held
from poser.batch.rows import change, held_row, page, take_out
from poser.batch.types.importer import ImportBatch
from poser.db import engine as make_engine
from poser.db import transaction
from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.result import RunResult, RunStatus
from poser.importing.reverting import revert
from poser.importing.running import run
from poser.importing.showing import changes_of, shown
from poser.model import Batch, BatchRow, ImportRun
from tests.support.batches import acting
from tests.support.importers import Departments, Products, Vendors, imported, rows, vendors
from tests.support.importing import handler

pytestmark = pytest.mark.postgresql

BATCH = Asked(make_batch=True, deletes=True, max_delete_share=100)
TYPE = ImportBatch()


@pytest.fixture(autouse=True)
def by_anna() -> Iterator[None]:
    """Everything here is done by anna."""
    with acting("anna"):
        yield


def number_of(engine: Engine, result: RunResult) -> int:
    """Give the number of the only batch of a run."""
    (made,) = result.batches
    with transaction(engine, read_only=True) as session:
        return session.get_one(Batch, made).number


def rows_of(engine: Engine, number: int) -> list[BatchRow]:
    with transaction(engine) as session:
        return list(page(session, held(session, number), limit=1000))


def executed(engine: Engine, number: int) -> dict[str, int]:
    """Complete a batch and execute it; gives the counts that are not zero."""
    with transaction(engine) as session:
        complete(session, TYPE, held(session, number))
    counts = executing.execute(engine, TYPE, number).counts
    return {name: count for name, count in counts.items() if count}


VENDORS = "SELECT number, name, terms, discount_percent::text FROM vendors ORDER BY number"


def test_a_run_that_makes_a_batch_writes_nothing_else(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Bolt"))
    changed = vendors("Acme Ltd", terms="30 days", discount_percent="2.5")
    result = imported(poser_db, Vendors, [*changed, {"number": "3", "name": "Coil"}], BATCH)
    assert (result.status, result.changes) == (RunStatus.BATCH, 3)
    assert rows(poser_db, VENDORS) == [("1", "Acme", "", None), ("2", "Bolt", "", None)]
    create, update, delete = rows_of(poser_db, number_of(poser_db, result))
    assert (create.status, create.label, create.entry, create.model) == (
        "create",
        "3",
        "line 3",
        "Vendor",
    )
    assert create.data == {"number": "3", "name": "Coil", "terms": "", "discount_percent": None}
    assert (update.status, update.label) == ("update", "1")
    assert update.data == {"name": "Acme Ltd", "terms": "30 days", "discount_percent": 2.5}
    assert update.old == {"name": "Acme", "terms": "", "discount_percent": None}
    assert (delete.status, delete.label, delete.old["name"]) == ("delete", "2", "Bolt")
    assert delete.old["is_archived"] is False  # all of the record, not only what is imported


def test_executing_it_does_what_the_run_would_have_done(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Bolt"))
    again = [{"number": "1", "name": "Acme Ltd", "discount_percent": "2.12345"}]
    result = imported(poser_db, Vendors, [*again, {"number": "3", "name": "Coil"}], BATCH)
    number = number_of(poser_db, result)
    assert executed(poser_db, number) == {"created": 1, "updated": 1, "deleted": 1}
    assert rows(poser_db, VENDORS) == [("1", "Acme Ltd", "", "2.12345"), ("3", "Coil", "", None)]
    assert {row.outcome for row in rows_of(poser_db, number)} == {"done"}
    with transaction(poser_db, read_only=True) as session:
        kept = session.get_one(ImportRun, result.run_id)
        assert kept.status == RunStatus.DONE
        assert kept.batch_ids == result.batches
        changes = [
            (one.kind, one.new.get("name")) for one in changes_of(session, shown(session, kept))
        ]
    assert changes == [("create", "Coil"), ("update", "Acme Ltd"), ("delete", None)]
    same = imported(poser_db, Vendors, [*again, {"number": "3", "name": "Coil"}], BATCH)
    assert (same.status, same.batches) == (RunStatus.DONE, [])
    assert same.notes == ["nothing differs, so there is no batch"]


def test_parents_and_children_of_one_run_are_one_batch(poser_db: Engine) -> None:
    dairy = {"department": "1", "department_name": "Dairy"}
    records = {
        "departments": [{"number": "1", "name": "Dairy"}],
        "products": [
            {"item_number": "10", "description": "Milk", **dairy},
            {
                "item_number": "11",
                "description": "Milk, 6",
                **dairy,
                "single": "10",
                "pack_size": "6",
            },
        ],
    }
    result = run(handler(records, Departments, Products), BATCH, {"poser": poser_db})
    number = number_of(poser_db, result)
    assert executed(poser_db, number) == {"created": 3}
    assert rows(
        poser_db,
        "SELECT p.item_number, d.number, s.item_number, p.pack_size::int FROM products p"
        " JOIN departments d ON d.id = p.department_id LEFT JOIN products s ON s.id = p.single_id"
        " ORDER BY 1",
    ) == [("10", "1", None, None), ("11", "1", "10", 6)]


def test_rows_that_somebody_took_out_or_changed_are_done_so(poser_db: Engine) -> None:
    result = imported(poser_db, Vendors, vendors("Acme", "Bolt"), BATCH)
    number = number_of(poser_db, result)
    with transaction(poser_db) as session:
        batch = held(session, number)
        take_out(session, batch, held_row(session, batch, 2))
        typed = {"name": "Acme of Kansas", "discount_percent": "7.50"}
        change(session, TYPE, batch, held_row(session, batch, 1), typed)
    assert executed(poser_db, number) == {"created": 1}
    assert rows(poser_db, VENDORS) == [("1", "Acme of Kansas", "", "7.50000")]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"discount_percent": "many"}, "Vendor.discount_percent: invalid input syntax for type"),
        ({"currency": "EUR"}, "the import does not write Vendor.currency"),
        ({"name": ""}, "Vendor.name must be given"),
    ],
)
def test_what_cannot_be_written_is_refused_when_it_is_typed(
    poser_db: Engine, typed: dict[str, object], says: str
) -> None:
    number = number_of(poser_db, imported(poser_db, Vendors, vendors("Acme"), BATCH))
    with transaction(poser_db) as session:
        batch = held(session, number)
        row = held_row(session, batch, 1)
        with pytest.raises(PoserError, match=says):
            change(session, TYPE, batch, row, typed)


@pytest.mark.parametrize(
    ("statement", "stale"),
    [
        ("UPDATE vendors SET name = 'Theirs' WHERE number = '1'", (2, "changed since: name")),
        ("DELETE FROM vendors WHERE number = '1'", (2, "is gone")),
        ("UPDATE vendors SET currency = 'EUR' WHERE number = '2'", (3, "changed since: currency")),
        ("DELETE FROM vendors WHERE number = '2'", (3, "is gone")),
        ("INSERT INTO vendors (number, name) VALUES ('3', 'T')", (1, "is there already")),
    ],
)
def test_what_others_changed_since_is_flagged_and_the_rest_is_done(
    poser_db: Engine, statement: str, stale: tuple[int, str]
) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Bolt"))
    records = [{"number": "3", "name": "Coil"}, {"number": "1", "name": "Acme Ltd"}]
    number = number_of(poser_db, imported(poser_db, Vendors, records, BATCH))
    kinds = {row.status: row.number for row in rows_of(poser_db, number)}
    assert kinds == {"create": 1, "update": 2, "delete": 3}
    with poser_db.begin() as connection:
        connection.exec_driver_sql(statement)
    counts = executed(poser_db, number)
    assert counts.pop("stale") == 1
    assert sum(counts.values()) == 2
    (left,) = [row for row in rows_of(poser_db, number) if row.outcome == "stale"]
    assert (left.number, left.reason) == stale


def test_a_field_that_is_not_in_the_batch_may_change_meanwhile(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme"))
    number = number_of(poser_db, imported(poser_db, Vendors, vendors("Acme Ltd"), BATCH))
    with poser_db.begin() as connection:
        connection.exec_driver_sql("UPDATE vendors SET terms = 'theirs', currency = 'EUR'")
    assert executed(poser_db, number) == {"updated": 1}
    assert rows(poser_db, "SELECT name, terms, currency FROM vendors") == [
        ("Acme Ltd", "theirs", "EUR")
    ]


def test_what_a_rule_forbids_by_then_is_refused_in_its_words(poser_db: Engine) -> None:
    records = vendors("Acme", "Bolt")
    number = number_of(poser_db, imported(poser_db, Vendors, records, BATCH))
    with transaction(poser_db) as session:
        batch = held(session, number)
        change(session, TYPE, batch, held_row(session, batch, 1), {"discount_percent": "-5"})
        change(session, TYPE, batch, held_row(session, batch, 2), {"number": "1"})
    with transaction(poser_db) as session:
        batch = held(session, number)
        change(session, TYPE, batch, held_row(session, batch, 1), {"number": "7"})
    assert executed(poser_db, number) == {"created": 1, "refused": 1}
    first, second = rows_of(poser_db, number)
    assert (first.outcome, second.outcome) == ("refused", "done")
    assert first.reason.startswith("discount percent -5.00000: A discount is between")


def test_two_rows_that_only_one_may_have_are_told_apart(poser_db: Engine) -> None:
    number = number_of(poser_db, imported(poser_db, Vendors, vendors("Acme", "Bolt"), BATCH))
    with transaction(poser_db) as session:
        batch = held(session, number)
        change(session, TYPE, batch, held_row(session, batch, 2), {"number": "1"})
    assert executed(poser_db, number) == {"created": 1, "refused": 1}
    first, second = rows_of(poser_db, number)
    assert (first.outcome, second.outcome) == ("done", "refused")
    assert second.reason == "number 1: another record has this number, too"


def test_a_deletion_of_what_is_needed_is_refused_and_the_rest_is_done(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Bolt", "Coil"))
    number = number_of(poser_db, imported(poser_db, Vendors, vendors("Acme"), BATCH))
    with poser_db.begin() as connection:
        connection.exec_driver_sql(
            "WITH p AS (INSERT INTO products (description) VALUES ('Milk') RETURNING id)"
            " INSERT INTO vendor_items (product_id, vendor_id, ordinal, case_size)"
            " SELECT p.id, v.id, 1, 1 FROM p, vendors v WHERE v.number = '2'"
        )
    assert executed(poser_db, number) == {"deleted": 1, "refused": 1}
    by_label = {row.label: row for row in rows_of(poser_db, number)}
    assert (by_label["2"].outcome, by_label["3"].outcome) == ("refused", "done")
    assert by_label["2"].reason == "cannot be deleted: it is still used by vendor items"


def test_a_preview_shows_it_and_writes_nothing(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme"))
    number = number_of(poser_db, imported(poser_db, Vendors, vendors("Acme Ltd"), BATCH))
    seen = executing.preview(poser_db, TYPE, number)
    assert [(one.old["name"], one.new["name"]) for one in seen.changes] == [("Acme", "Acme Ltd")]
    assert rows(poser_db, "SELECT name FROM vendors") == [("Acme",)]
    assert rows_of(poser_db, number)[0].outcome == "waiting"


def test_an_undone_batch_leaves_everything_as_it_was_and_its_run_reverted(
    poser_db: Engine,
) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Bolt"))
    before = rows(poser_db, VENDORS)
    records = [{"number": "3", "name": "Coil"}, {"number": "1", "name": "Acme Ltd"}]
    result = imported(poser_db, Vendors, records, BATCH)
    number = number_of(poser_db, result)
    executed(poser_db, number)
    assert rows(poser_db, VENDORS) != before
    assert executing.undo(poser_db, TYPE, number) == 3
    assert rows(poser_db, VENDORS) == before
    with transaction(poser_db, read_only=True) as session:
        assert session.get_one(ImportRun, result.run_id).status == RunStatus.REVERTED


def test_limits_hold_for_batches_too(poser_db: Engine) -> None:
    asked = Asked(make_batch=True, max_creates=1)
    result = imported(poser_db, Vendors, vendors("Acme", "Bolt"), asked)
    assert (result.status, result.batches) == (RunStatus.STOPPED, [])
    assert rows(poser_db, "SELECT count(*) FROM batches") == [(0,)]


def test_a_large_batch_is_not_compared_row_by_row(poser_db: Engine) -> None:
    many = vendors(*(f"Vendor {n}" for n in range(30_000)))
    number = number_of(poser_db, imported(poser_db, Vendors, many, BATCH))
    impatient = make_engine(str(poser_db.url.render_as_string()), statement_timeout_ms=20_000)
    # A nested loop over all rows takes minutes.
    assert executed(impatient, number) == {"created": 30_000}
    impatient.dispose()


def test_a_batch_whose_run_is_reverted_is_undone(poser_db: Engine) -> None:
    result = imported(poser_db, Vendors, vendors("Acme", "Bolt"), BATCH)
    number = number_of(poser_db, result)
    executed(poser_db, number)
    taken = revert(result.number, {"poser": poser_db})
    assert (taken.why, taken.refused) == ("", 0)
    assert rows(poser_db, VENDORS) == []
    with transaction(poser_db, read_only=True) as session:
        batch = session.get_one(Batch, result.batches[0])
        (execution,) = executing.executions(session, batch)
        assert (batch.status, execution.status) == ("undone", "undone")
    with pytest.raises(PoserError, match="is undone"):
        executing.undo(poser_db, TYPE, number)


def test_a_batch_of_which_some_is_left_stays_executed(poser_db: Engine) -> None:
    result = imported(poser_db, Vendors, vendors("Acme", "Bolt"), BATCH)
    executed(poser_db, number_of(poser_db, result))
    with poser_db.begin() as connection:
        connection.exec_driver_sql("UPDATE vendors SET terms = 'none' WHERE number = '1'")
    assert revert(result.number, {"poser": poser_db}).refused == 1
    with transaction(poser_db, read_only=True) as session:
        assert session.get_one(Batch, result.batches[0]).status == "executed"
