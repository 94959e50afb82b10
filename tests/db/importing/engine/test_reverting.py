# SPDX-License-Identifier: Apache-2.0
"""Reverting a run restores exactly what it changed, and leaves alone what changed since."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from poser.errors import PoserError
from poser.importing.asked import Asked
from poser.importing.result import RunStatus
from poser.importing.reverting import revert
from poser.importing.running import run
from tests.support.importers import (
    Codes,
    Departments,
    Products,
    Vendors,
    counts,
    imported,
    only,
    rows,
    vendors,
)
from tests.support.importing import handler

pytestmark = pytest.mark.postgresql

LIVE = "SELECT * FROM vendors ORDER BY id"


def changed(engine: Engine, statement: str) -> None:
    """Change something as somebody else would."""
    with engine.begin() as connection:
        connection.execute(text(statement))


def mixed(engine: Engine) -> int:
    """Run an import that creates, updates and deletes; returns its number."""
    imported(engine, Vendors, vendors("Acme", "Best", "Cole", terms="30 days"))
    records = [
        {"number": "1", "name": "Acme", "terms": "60 days"},
        {"number": "2", "name": "Better", "terms": "30 days", "discount_percent": "3"},
        {"number": "9", "name": "New"},
    ]
    done = imported(engine, Vendors, records, Asked(deletes=True, max_delete_share=Decimal(50)))
    assert counts(done) == {"created": 1, "updated": 2, "deleted": 1}
    return done.number


def test_everything_is_as_it_was_to_the_last_field(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Best", "Cole", terms="30 days"))
    before = rows(poser_db, LIVE)
    number = mixed(poser_db)
    assert rows(poser_db, LIVE) != before
    taken = revert(number, {"poser": poser_db}, asked=Asked(comment="a wrong file"))
    assert taken.why == ""
    assert counts(taken) == {"created": 1, "updated": 2, "deleted": 1}
    assert rows(poser_db, LIVE) == before
    assert rows(poser_db, "SELECT number, status, reverts_id IS NOT NULL FROM import_runs"
                          " WHERE number >= :n ORDER BY 1", n=number) == [
        (number, "reverted", False),
        (taken.number, "done", True),
    ]  # fmt: skip
    said = rows(
        poser_db, "SELECT via, comment FROM history_transactions ORDER BY at DESC, id DESC LIMIT 1"
    )
    assert said == [(f"import test run {taken.number}", "a wrong file")]


def test_reverting_is_reverted_in_turn(poser_db: Engine) -> None:
    number = mixed(poser_db)
    after = rows(poser_db, "SELECT number, name, terms FROM vendors ORDER BY 1")
    taken = revert(number, {"poser": poser_db})
    back = revert(taken.number, {"poser": poser_db})
    assert back.status is RunStatus.DONE
    assert rows(poser_db, "SELECT number, name, terms FROM vendors ORDER BY 1") == after


def test_rows_that_changed_since_are_named_and_left_alone(poser_db: Engine) -> None:
    number = mixed(poser_db)
    changed(poser_db, "UPDATE vendors SET name = 'Mine' WHERE number = '2'")
    changed(poser_db, "UPDATE vendors SET terms = 'none' WHERE number = '9'")
    taken = revert(number, {"poser": poser_db})
    assert counts(taken) == {"created": 1, "updated": 1, "refused": 2}
    assert sorted(one.reason for one in only(taken).refusals) == [
        "was changed since: name",
        "was changed since: terms",
    ]
    assert rows(poser_db, "SELECT number, name, terms FROM vendors ORDER BY 1") == [
        ("1", "Acme", "30 days"),
        ("2", "Mine", "30 days"),
        ("3", "Cole", "30 days"),
        ("9", "New", "none"),
    ]
    assert rows(poser_db, "SELECT status FROM import_runs WHERE number = :n", n=number) == [
        ("done",)
    ]


def test_a_row_that_others_use_now_stays_with_its_parents(poser_db: Engine) -> None:
    records = {
        "departments": [{"number": "10", "name": "Dairy"}, {"number": "11", "name": "Dry"}],
        "products": [
            {"item_number": name, "description": name, "department": department,
             "department_name": {"10": "Dairy", "11": "Dry"}[department], "single": "",
             "pack_size": ""}
            for name, department in (("milk", "10"), ("oats", "11"))
        ],
    }  # fmt: skip
    done = run(handler(records, Departments, Products), Asked(), {"poser": poser_db})
    changed(
        poser_db,
        "INSERT INTO product_codes (product_id, code, kind)"
        " SELECT id, '04006381333931', 'gtin' FROM products WHERE item_number = 'milk'",
    )
    taken = revert(done.number, {"poser": poser_db})
    assert taken.why == ""
    assert rows(poser_db, "SELECT item_number FROM products") == [("milk",)]
    assert rows(poser_db, "SELECT number FROM departments") == [("10",)]
    reasons = {one.model: [r.reason for r in one.refusals] for one in taken.models}
    assert reasons == {
        "Product": ["is used by product_codes"],
        "Department": ["is used by products"],
    }


def test_swapped_codes_swap_back(poser_db: Engine) -> None:
    one, other = "4006381333931", "5901234123457"
    names = ("a", "b")

    def records(*codes: str) -> list[dict[str, str]]:
        return [
            {"item_number": name, "description": name, "gtin": code}
            for name, code in zip(names, codes, strict=True)
        ]

    imported(poser_db, Codes, records(one, other))
    done = imported(poser_db, Codes, records(other, one))
    assert counts(revert(done.number, {"poser": poser_db})) == {"updated": 2}
    assert rows(poser_db, "SELECT gtin FROM products ORDER BY item_number") == [
        (int(one),),
        (int(other),),
    ]


def test_a_run_that_changed_nothing_or_is_not_in_the_history_is_refused(
    poser_db: Engine,
) -> None:
    dry = imported(poser_db, Vendors, vendors("Acme"), Asked(dry_run=True))
    with pytest.raises(PoserError, match="changed nothing that the history knows"):
        revert(dry.number, {"poser": poser_db})
    number = mixed(poser_db)
    revert(number, {"poser": poser_db})
    with pytest.raises(PoserError, match="is reverted already"):
        revert(number, {"poser": poser_db})
    with pytest.raises(PoserError, match="there is no import run 99"):
        revert(99, {"poser": poser_db})


def test_a_run_of_which_the_history_was_off_is_refused(poser_db: Engine) -> None:
    records = {
        "vendors": vendors("Acme"),
        "departments": [{"number": "1", "name": "Dairy"}],
    }
    owner = poser_db.url.set(username="poser_owner")
    switch = "UPDATE recorded_tables SET is_history_on = false WHERE name = 'vendors'"
    from sqlalchemy import create_engine  # noqa: PLC0415 - the owner's, for one statement

    engine = create_engine(owner)
    changed(engine, switch)
    engine.dispose()
    done = run(handler(records, Departments, Vendors), Asked(), {"poser": poser_db})
    assert done.changes == 2
    with pytest.raises(PoserError, match="changed of Vendor: it was switched off"):
        revert(done.number, {"poser": poser_db})
