# SPDX-License-Identifier: Apache-2.0
"""A run creates, updates and deletes what its source says, and is recorded."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from poser.db.authors import Author, authored
from poser.errors import PoserError
from poser.importing.asked import Asked, OnLimit
from poser.importing.fields import Field
from poser.importing.importer import Importer
from poser.importing.result import RunStatus
from poser.importing.running import run
from poser.importing.runs import asked_from, by_number
from poser.model import Vendor
from tests.support.importers import Departments, Products, rows
from tests.support.importing import handler

pytestmark = pytest.mark.postgresql


class Vendors(Importer):
    model = Vendor
    key = ("number",)
    fields = (Field("number"), Field("name"), Field("terms"), Field("discount_percent"))


VENDORS = [
    {"number": "1", "name": "Acme", "terms": "30 days", "discount_percent": "2.5"},
    {"number": "2", "name": "Best", "terms": "", "discount_percent": ""},
]


def test_rows_are_created_and_a_second_run_changes_nothing(poser_db: Engine) -> None:
    engines = {"poser": poser_db}
    first = run(handler({"vendors": VENDORS}, Vendors), Asked(), engines)
    assert first.why == ""
    assert first.status is RunStatus.DONE
    assert [(m.model, m.read, m.created, m.refused) for m in first.models] == [("Vendor", 2, 2, 0)]
    assert rows(poser_db, "SELECT number, name, terms, discount_percent::text FROM vendors") == [
        ("1", "Acme", "30 days", "2.50000"),
        ("2", "Best", "", None),
    ]
    second = run(handler({"vendors": VENDORS}, Vendors), Asked(), engines)
    assert (second.changes, second.models[0].unchanged) == (0, 2)


def test_only_what_differs_is_updated(poser_db: Engine) -> None:
    engines = {"poser": poser_db}
    run(handler({"vendors": VENDORS}, Vendors), Asked(), engines)
    changed = [VENDORS[0], {**VENDORS[1], "name": "Better"}]
    done = run(handler({"vendors": changed}, Vendors), Asked(), engines)
    (counts,) = done.models
    assert (counts.updated, counts.unchanged) == (1, 1)
    (shown,) = counts.differences
    assert (shown.key, shown.old, shown.new) == ("2", {"name": "Best"}, {"name": "Better"})
    assert rows(poser_db, "SELECT number, name FROM vendors ORDER BY 1") == [
        ("1", "Acme"),
        ("2", "Better"),
    ]
    kept = "SELECT akeys(old) FROM versions WHERE kind = 'update'"
    assert sorted(*rows(poser_db, kept)[0]) == ["modified_at", "name"]


def test_what_the_source_lacks_is_deleted_only_when_asked(poser_db: Engine) -> None:
    engines = {"poser": poser_db}
    run(handler({"vendors": VENDORS}, Vendors), Asked(), engines)
    less = handler({"vendors": VENDORS[:1]}, Vendors)
    assert run(less, Asked(), engines).changes == 0
    done = run(less, Asked(deletes=True, max_delete_share=50), engines)
    assert done.models[0].deleted == 1
    assert rows(poser_db, "SELECT number FROM vendors") == [("1",)]


def test_a_child_finds_the_parent_that_the_same_run_creates(poser_db: Engine) -> None:
    records = {
        "departments": [{"number": "10", "name": "Dairy"}],
        "products": [
            {
                "item_number": "six", "description": "Six milks", "department": "10",
                "department_name": "Dairy", "single": "one", "pack_size": "6",
            },
            {
                "item_number": "one", "description": "Milk", "department": "10",
                "department_name": "Dairy", "single": "", "pack_size": "",
            },
        ],
    }  # fmt: skip
    done = run(handler(records, Departments, Products), Asked(), {"poser": poser_db})
    assert done.why == ""
    assert [m.created for m in done.models] == [1, 2]
    found = rows(
        poser_db,
        "SELECT p.item_number, d.number, s.item_number FROM products p"
        " JOIN departments d ON d.id = p.department_id LEFT JOIN products s ON s.id = p.single_id"
        " ORDER BY 1",
    )
    assert found == [("one", "10", None), ("six", "10", "one")]
    again = run(handler(records, Departments, Products), Asked(), {"poser": poser_db})
    assert again.changes == 0


def test_a_run_is_recorded_with_the_transaction_that_it_made(poser_db: Engine) -> None:
    asked = Asked(comment="weekly", command="poser import test")
    done = run(handler({"vendors": VENDORS}, Vendors), asked, {"poser": poser_db})
    ((number, status, comment, command, source, ids),) = rows(
        poser_db,
        "SELECT number, status, comment, command, source, transaction_ids FROM import_runs",
    )
    assert (number, status, comment, command) == (
        done.number,
        "done",
        "weekly",
        "poser import test",
    )
    assert source == "lists of a test"
    said = rows(
        poser_db,
        "SELECT id, source, via, comment FROM history_transactions WHERE source = 'import'",
    )
    assert said == [(ids[0], "import", f"import test run {number}", "weekly")]


def test_nothing_is_left_of_the_staging_tables(poser_db: Engine) -> None:
    run(handler({"vendors": VENDORS}, Vendors), Asked(), {"poser": poser_db})
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'importing'::regnamespace"
    assert rows(poser_db, left) == []


def test_a_run_is_made_by_the_user_it_is_told(poser_db: Engine) -> None:
    engines = {"poser": poser_db}
    with pytest.raises(PoserError, match="no user 'jane'"):
        run(handler({"vendors": VENDORS}, Vendors), Asked(user="jane"), engines)
    assert rows(poser_db, "SELECT * FROM import_runs") == []
    with poser_db.begin() as connection:
        connection.execute(text("INSERT INTO users (name) VALUES ('jane')"))
    with authored(Author(source="command", user_name="root", comment="by hand")):
        run(handler({"vendors": VENDORS}, Vendors), Asked(user="jane"), engines)
        changed = [{**VENDORS[0], "name": "Other"}, VENDORS[1]]
        run(handler({"vendors": changed}, Vendors), Asked(), engines)
    assert rows(poser_db, "SELECT user_name FROM import_runs ORDER BY number") == [
        ("jane",),
        ("root",),
    ]
    said = rows(
        poser_db,
        "SELECT t.user_name, t.user_id = u.id, t.comment FROM history_transactions t"
        " LEFT JOIN users u ON u.name = 'jane' WHERE source = 'import' ORDER BY t.at",
    )
    assert [(name, comment) for name, _is_hers, comment in said] == [
        ("jane", ""),
        ("root", "by hand"),
    ]
    assert said[0][1] is True


def test_what_it_was_asked_is_read_again_as_it_was(poser_db: Engine) -> None:
    asked = Asked(
        models=("Vendor",), fuzzy=("discount_percent",), fuzz=Decimal("0.5"), max_creates=9,
        since=date(2026, 1, 31), options=(("zone", "Europe/Rome"),), on_limit=OnLimit.CUT,
    )  # fmt: skip
    done = run(handler({"vendors": VENDORS}, Vendors), asked, {"poser": poser_db})
    with Session(poser_db) as session:
        assert asked_from(by_number(session, done.number).asked) == asked
