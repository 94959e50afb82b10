# SPDX-License-Identifier: Apache-2.0
"""A run that would do too much, or finds nothing, stops before it writes and says why."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from poser.errors import Unavailable
from poser.importing.asked import Asked, OnLimit
from poser.importing.fields import Field
from poser.importing.importer import Importer
from poser.importing.result import RunStatus
from poser.importing.running import connected, locked, run
from tests.support.importers import Codes, Vendors, counts, imported, only, rows, vendors
from tests.support.importing import handler

pytestmark = pytest.mark.postgresql

NAMES = [f"Vendor {n}" for n in range(20)]
ALL = "SELECT count(*) FROM vendors"


def stopped(engine: Engine, asked: Asked, *names: str) -> str:
    """Run it, see that it stopped and wrote nothing, and give the reason."""
    before = rows(engine, "SELECT * FROM vendors ORDER BY id")
    done = imported(engine, Vendors, vendors(*names), asked)
    assert done.status is RunStatus.STOPPED
    assert done.hint
    assert rows(engine, "SELECT * FROM vendors ORDER BY id") == before
    assert rows(engine, "SELECT status, why FROM import_runs ORDER BY number DESC LIMIT 1") == [
        ("stopped", done.why)
    ]
    return done.why


def test_an_empty_source_stops_and_says_how_to_insist(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors(*NAMES))
    assert "no Vendor at all" in stopped(poser_db, Asked(deletes=True, max_delete_share=100))
    insisted = Asked(deletes=True, allow_empty=True, max_delete_share=Decimal(100))
    assert counts(imported(poser_db, Vendors, [], insisted)) == {"deleted": 20}


def test_an_empty_source_for_an_empty_table_is_nothing_wrong(poser_db: Engine) -> None:
    assert imported(poser_db, Vendors, []).status is RunStatus.DONE


def test_more_deletions_than_a_share_stop(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors(*NAMES))
    why = stopped(poser_db, Asked(deletes=True), *NAMES[:-2])
    assert why == "2 of 20 vendors would be deleted, which is 10.0 %; at most 5 % may"
    assert counts(imported(poser_db, Vendors, vendors(*NAMES[:-1]), Asked(deletes=True))) == {
        "deleted": 1,
        "unchanged": 19,
    }


@pytest.mark.parametrize("limit", ["max_creates", "max_changes"])
def test_reaching_a_limit_stops_before_anything_is_written(poser_db: Engine, limit: str) -> None:
    asked = Asked(**{limit: 19})  # type: ignore[arg-type] # both are numbers
    assert "at most 19 may be" in stopped(poser_db, asked, *NAMES)
    assert rows(poser_db, ALL) == [(0,)]
    enough = Asked(**{limit: 20})  # type: ignore[arg-type]
    assert counts(imported(poser_db, Vendors, vendors(*NAMES), enough)) == {"created": 20}


def test_updates_and_deletions_have_limits_of_their_own(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors(*NAMES))
    others = [f"New {name}" for name in NAMES]
    assert "20 vendors to update" in stopped(poser_db, Asked(max_updates=19), *others)
    asked = Asked(deletes=True, max_deletes=2, max_delete_share=Decimal(100))
    assert "3 vendors to delete" in stopped(poser_db, asked, *NAMES[:-3])


def test_a_limit_can_cut_instead(poser_db: Engine) -> None:
    asked = Asked(max_creates=5, on_limit=OnLimit.CUT)
    done = imported(poser_db, Vendors, vendors(*NAMES), asked)
    assert counts(done) == {"created": 5, "skipped": 15}
    assert rows(poser_db, "SELECT array_agg(number ORDER BY number) FROM vendors") == [
        (["1", "2", "3", "4", "5"],)
    ]
    done = imported(poser_db, Vendors, vendors(*NAMES), Asked(max_changes=7, on_limit=OnLimit.CUT))
    assert counts(done) == {"created": 7, "unchanged": 5, "skipped": 8}


def test_kinds_of_changes_are_switched_off(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme"))
    records = vendors("Other", "New")
    none = imported(poser_db, Vendors, records, Asked(creates=False, updates=False))
    assert counts(none) == {"skipped": 2}
    new = imported(poser_db, Vendors, records, Asked(updates=False))
    assert counts(new) == {"created": 1, "skipped": 1}
    assert rows(poser_db, "SELECT name FROM vendors ORDER BY number") == [("Acme",), ("New",)]


def test_a_dry_run_writes_nothing_and_shows_what_it_would(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Best"))
    before = rows(poser_db, "SELECT * FROM versions ORDER BY statement, n")
    asked = Asked(dry_run=True, deletes=True, max_delete_share=Decimal(100))
    records = [{"number": "1", "name": "Other"}, {"number": "3", "name": "New"}]
    done = imported(poser_db, Vendors, records, asked)
    assert done.status is RunStatus.DRY
    assert counts(done) == {"created": 1, "updated": 1, "deleted": 1}
    shown = [(one.kind, one.key, one.old, one.new) for one in only(done).differences]
    assert shown == [
        ("create", "3", {}, {"number": "3", "name": "New", "terms": "", "discount_percent": None}),
        ("update", "1", {"name": "Acme"}, {"name": "Other"}),
        ("delete", "2", {"number": "2", "name": "Best", "terms": "", "discount_percent": None}, {}),
    ]
    assert rows(poser_db, "SELECT * FROM versions ORDER BY statement, n") == before
    kept = rows(poser_db, "SELECT kind, key, old, new FROM import_changes ORDER BY id")
    assert kept == shown


def test_rows_cannot_be_created_without_a_column_that_they_need(poser_db: Engine) -> None:
    class Numbers(Codes):
        fields = (Field("item_number"), Field("size"))

    done = imported(poser_db, Numbers, [{"item_number": "a", "size": "12 oz"}])
    assert done.status is RunStatus.FAILED
    assert done.why == "1 products would be created without description"


def test_fields_and_key_can_be_chosen(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", terms="30 days"))
    records = vendors("Other", terms="60 days")
    imported(poser_db, Vendors, records, Asked(fields=("terms",)))
    assert rows(poser_db, "SELECT name, terms FROM vendors") == [("Acme", "60 days")]
    imported(poser_db, Vendors, vendors("Best", terms="90 days"), Asked(without=("terms",)))
    assert rows(poser_db, "SELECT name, terms FROM vendors") == [("Best", "60 days")]
    by_name = [{"number": "7", "name": "Best", "terms": "60 days"}]
    imported(poser_db, Vendors, by_name, Asked(key=("name",)))
    assert rows(poser_db, "SELECT number, name FROM vendors") == [("7", "Best")]
    wrong = imported(poser_db, Vendors, by_name, Asked(fields=("trems",)))
    assert (wrong.why, wrong.hint) == ("no field 'trems' in Vendor", "did you mean 'terms'?")


def test_fuzzy_numbers_are_equal_when_they_are_near(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", discount_percent="2.50"))
    asked = Asked(fuzzy=("discount_percent",), fuzz=Decimal("0.1"))
    near = vendors("Acme", discount_percent="2.60")
    assert counts(imported(poser_db, Vendors, near, asked)) == {"unchanged": 1}
    renamed = vendors("Best", discount_percent="2.60")
    assert counts(imported(poser_db, Vendors, renamed, asked)) == {"updated": 1}
    assert rows(poser_db, "SELECT name, discount_percent FROM vendors") == [
        ("Best", Decimal("2.50000"))
    ]
    far = vendors("Best", discount_percent="2.61")
    assert counts(imported(poser_db, Vendors, far, asked)) == {"updated": 1}
    words = imported(poser_db, Vendors, far, Asked(fuzzy=("name",)))
    assert words.status is RunStatus.FAILED


def test_rows_out_of_scope_are_neither_compared_nor_deleted(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Best", "Cole"))
    with poser_db.begin() as connection:
        connection.execute(text("UPDATE vendors SET is_archived = true WHERE number = '2'"))

    class Live(Vendors):
        scope = "NOT is_archived"

    asked = Asked(deletes=True, max_delete_share=Decimal(100))
    assert counts(imported(poser_db, Live, vendors("Acme"), asked)) == {
        "unchanged": 1,
        "deleted": 1,
    }
    assert rows(poser_db, "SELECT number FROM vendors ORDER BY 1") == [("1",), ("2",)]


def test_two_runs_of_one_handler_exclude_each_other(poser_db: Engine) -> None:
    with (
        connected(poser_db) as session,
        locked(session, "test"),
        pytest.raises(Unavailable, match="another run of import test"),
    ):
        imported(poser_db, Vendors, vendors("Acme"))
    assert imported(poser_db, Vendors, vendors("Acme")).status is RunStatus.DONE


def test_a_model_that_the_source_does_not_know_is_left_alone(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme"))
    asked = Asked(deletes=True, max_delete_share=Decimal(100))
    done = run(handler({}, Vendors), asked, {"poser": poser_db})
    assert (done.status, done.models) == (RunStatus.DONE, [])
    assert "the source has nothing of Vendor" in done.notes
    assert rows(poser_db, ALL) == [(1,)]


def test_a_record_that_normalize_leaves_out_is_skipped(poser_db: Engine) -> None:
    class Named(Vendors):
        def normalize(self, record: dict[str, object]) -> dict[str, object] | None:
            if record["name"] == "nobody":
                return None
            return {**record, "name": str(record["name"]).upper()}

    done = imported(poser_db, Named, vendors("Acme", "nobody"))
    assert counts(done) == {"created": 1, "skipped": 1}
    assert rows(poser_db, "SELECT name FROM vendors") == [("ACME",)]
    assert issubclass(Named, Importer)
