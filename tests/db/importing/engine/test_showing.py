# SPDX-License-Identifier: Apache-2.0
"""The record of a run is read page by page, without the models of what was imported."""

import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from poser.db import transaction
from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.result import Kind, RunStatus
from poser.importing.reverting import revert
from poser.importing.running import run
from poser.importing.showing import (
    all_changes,
    changes_of,
    refusals_of,
    run_numbered,
    run_of,
    unrecorded,
)
from poser.importing.shown import ChangeShown, FieldShown
from tests.support.importers import Brands, Vendors, imported, vendors
from tests.support.importing import handler

pytestmark = pytest.mark.postgresql

DRY = Asked(dry_run=True)


def mixed(engine: Engine) -> int:
    """Run an import that creates two, updates two, deletes one, and refuses two records."""
    imported(engine, Vendors, vendors("Acme", "Best", "Cole", terms="30 days"))
    records = [
        {"number": "1", "name": "Acme", "terms": "60 days"},
        {"number": "2", "name": "Better", "terms": "30 days", "discount_percent": "3"},
        {"number": "8", "name": "Eight"},
        {"number": "9", "name": "Nine", "discount_percent": "x"},
        {"number": "10", "name": "Ten"},
        {"number": "11", "name": "Eleven", "discount_percent": "y"},
    ]
    asked = Asked(deletes=True, max_delete_share=Decimal(50), comment="a list")
    both = handler({"vendors": records, "brands": [{"name": "Salt"}]}, Vendors, Brands)
    done = run(both, asked, {"poser": engine})
    assert done.changes == 6
    return done.number


def paged(engine: Engine, number: int, limit: int) -> list[ChangeShown]:
    """Read all pages of a run's changes."""
    found: list[ChangeShown] = []
    with transaction(engine, read_only=True) as session:
        seen = run_numbered(session, number)
        assert seen is not None
        while page := changes_of(
            session, seen, after=found[-1].cursor if found else None, limit=limit
        ):
            assert len(page) <= limit
            found += page
        assert found == list(all_changes(session, seen))
    return found


def said(changes: Sequence[ChangeShown]) -> list[tuple[str, str, str]]:
    """Say of changes what they are."""
    return [(one.model, one.kind.value, one.key) for one in changes]


def test_a_run_is_shown_with_its_counts(poser_db: Engine) -> None:
    number = mixed(poser_db)
    with transaction(poser_db, read_only=True) as session:
        seen = run_numbered(session, number)
        assert seen is not None
        assert run_of(session, seen.id) == seen
        assert run_of(session, uuid4()) is None
        assert run_numbered(session, 99) is None
        assert unrecorded(session, seen) == []
    assert (seen.key, seen.status, seen.comment) == ("test", RunStatus.DONE, "a list")
    assert (seen.changes, seen.refused, seen.wrote) == (6, 2, True)
    counts = {one.model: (one.table, one.created, one.updated, one.deleted) for one in seen.models}
    assert counts == {"Vendor": ("vendors", 2, 2, 1), "Brand": ("brands", 1, 0, 0)}
    assert seen.seconds is not None
    assert seen.seconds > 0


@pytest.mark.parametrize("limit", [1, 2, 4, 100])
def test_pages_of_any_size_give_every_change_once_and_in_order(
    poser_db: Engine, limit: int
) -> None:
    assert said(paged(poser_db, mixed(poser_db), limit)) == [
        ("Vendor", "create", "8"),
        ("Vendor", "create", "10"),
        ("Vendor", "update", "1"),
        ("Vendor", "update", "2"),
        ("Brand", "create", "Salt"),
        ("Vendor", "delete", "3"),
    ]


def test_a_change_has_old_and_new_of_each_field(poser_db: Engine) -> None:
    changes = paged(poser_db, mixed(poser_db), 100)
    best = changes[3]
    assert best.fields == (
        FieldShown(name="name", old="Best", new="Better"),
        FieldShown(name="discount_percent", old=None, new="3.00000"),
    )
    assert best.at is not None
    assert FieldShown(name="terms", old="30 days", new=None) in changes[5].fields


def test_changes_of_one_kind_or_one_model(poser_db: Engine) -> None:
    number = mixed(poser_db)
    with transaction(poser_db, read_only=True) as session:
        seen = run_numbered(session, number)
        assert seen is not None
        assert said(changes_of(session, seen, kind=Kind.DELETE)) == [("Vendor", "delete", "3")]
        assert said(changes_of(session, seen, model="brand")) == [("Brand", "create", "Salt")]
        assert said(changes_of(session, seen, model="brands", kind=Kind.UPDATE)) == []
        first = changes_of(session, seen, kind=Kind.CREATE, model="Vendor", limit=1)
        rest = changes_of(session, seen, kind=Kind.CREATE, model="Vendor", after=first[0].cursor)
        assert said([*first, *rest]) == [("Vendor", "create", "8"), ("Vendor", "create", "10")]


def test_a_row_is_named_as_it_is_now_or_as_it_was(poser_db: Engine) -> None:
    number = mixed(poser_db)
    with poser_db.begin() as connection:
        connection.exec_driver_sql("UPDATE vendors SET number = '22' WHERE number = '2'")
        connection.exec_driver_sql("DELETE FROM vendors WHERE number = '1'")
    by_name = {
        one.new.get("terms") or one.new.get("name"): one for one in paged(poser_db, number, 3)
    }
    assert by_name["Better"].key == "22"
    assert by_name["60 days"].key == "1"


def test_refusals_come_in_pages_too(poser_db: Engine) -> None:
    number = mixed(poser_db)
    with transaction(poser_db, read_only=True) as session:
        seen = run_numbered(session, number)
        assert seen is not None
        (first,) = refusals_of(session, seen, limit=1)
        (second,) = refusals_of(session, seen, after=first.cursor)
        assert refusals_of(session, seen, limit=None) == [first, second]
        assert refusals_of(session, seen, after=second.cursor) == []
        assert refusals_of(session, seen, model="Brand") == []
    assert [(one.place, one.field, one.value) for one in (first, second)] == [
        (5, "discount_percent", "x"),
        (7, "discount_percent", "y"),
    ]


def test_what_a_dry_run_found_comes_in_pages_too(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Best"))
    dry = imported(poser_db, Vendors, vendors("Ace", "Beast", "Cole"), DRY)
    changes = paged(poser_db, dry.number, 1)
    assert said(changes) == [
        ("Vendor", "create", "3"),
        ("Vendor", "update", "1"),
        ("Vendor", "update", "2"),
    ]
    assert changes[1].fields == (FieldShown(name="name", old="Acme", new="Ace"),)
    with transaction(poser_db, read_only=True) as session:
        seen = run_numbered(session, dry.number)
        assert seen is not None
        assert not seen.wrote
        assert said(changes_of(session, seen, kind=Kind.CREATE)) == [("Vendor", "create", "3")]


def test_runs_that_take_others_back_name_each_other(poser_db: Engine) -> None:
    number = mixed(poser_db)
    back = revert(number, {"poser": poser_db})
    with transaction(poser_db, read_only=True) as session:
        taken, by = run_numbered(session, number), run_numbered(session, back.number)
    assert taken is not None
    assert by is not None
    assert (taken.reverted_by, taken.status) == ((back.number,), RunStatus.REVERTED)
    assert by.reverts == number
    assert said(paged(poser_db, back.number, 2))[0] == ("Vendor", "create", "3")


def test_a_batch_that_a_run_made_is_named(poser_db: Engine) -> None:
    made = imported(poser_db, Vendors, vendors("Acme"), Asked(make_batch=True))
    with transaction(poser_db, read_only=True) as session:
        seen = run_numbered(session, made.number)
    assert seen is not None
    (batch,) = seen.batches
    assert (batch.id, batch.status) == (made.batches[0], "open")
    assert batch.number > 0


@pytest.mark.parametrize("cursor", ["x", "1.x", ".", "-1.2", "1"])
def test_a_cursor_that_is_none_is_refused(poser_db: Engine, cursor: str) -> None:
    number = imported(poser_db, Vendors, vendors("Acme")).number
    with transaction(poser_db, read_only=True) as session:
        seen = run_numbered(session, number)
        assert seen is not None
        with pytest.raises(PoserError, match="is no place in a run"):
            changes_of(session, seen, after=cursor)


def test_no_model_of_what_is_imported_is_loaded_for_it() -> None:
    code = (
        "import sys, poser.importing.showing;"
        "print(*(one for one in sys.modules if one.startswith(('poser.model.', 'alembic'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {
        "poser.model.columns",
        "poser.model.history",
        "poser.model.importing",
    }
