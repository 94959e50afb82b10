# SPDX-License-Identifier: Apache-2.0
"""A record that cannot become a row is kept aside with the reason; the others go in."""

import pytest
from sqlalchemy import Engine, text

from poser.importing.asked import Asked
from poser.importing.fields import Field
from poser.importing.importer import Importer
from poser.importing.result import RunStatus
from poser.importing.running import run
from poser.importing.source import Bad
from poser.model import ProductPrice
from tests.support.importers import (
    Brands,
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


class ByNameAndDiscount(Vendors):
    """Vendors that two fields tell apart, one of which may be nothing."""

    key = ("name", "discount_percent")


def test_a_wrong_value_keeps_its_record_aside_with_line_field_value_and_reason(
    poser_db: Engine,
) -> None:
    records = [*vendors("Acme"), {"number": "2", "name": "Best", "discount_percent": "much"}]
    done = imported(poser_db, Vendors, records)
    assert (done.status, counts(done)) == (RunStatus.DONE, {"created": 1, "refused": 1})
    (refusal,) = only(done).refusals
    assert (refusal.place, refusal.field, refusal.value) == (3, "discount_percent", "much")
    kept = rows(poser_db, "SELECT model, place, field, value, reason FROM import_refusals")
    assert kept == [("Vendor", "3", "discount_percent", "much", refusal.reason)]


def test_what_no_text_can_have_is_kept_aside_and_told(poser_db: Engine) -> None:
    records = [
        {"number": "1", "name": "NUL \0 inside"},
        {"number": "2", "name": "half \ud800 a character"},
        {"number": "3", "name": "tab\tand\nline\\N"},
        Bad(5, "is no record", "line", "what \0 it has"),
    ]
    done = imported(poser_db, Vendors, records)
    assert counts(done) == {"created": 1, "refused": 3}
    assert rows(poser_db, "SELECT value FROM import_refusals ORDER BY place") == [
        ("NUL \N{REPLACEMENT CHARACTER} inside",),
        ("half \N{REPLACEMENT CHARACTER} a character",),
        ("what \N{REPLACEMENT CHARACTER} it has",),
    ]
    assert rows(poser_db, "SELECT name FROM vendors") == [("tab\tand\nline\\N",)]


def test_a_rule_of_the_database_is_told_in_its_own_sentence(poser_db: Engine) -> None:
    records = [
        {"number": "1", "name": "Acme", "discount_percent": "101"},
        {"number": "2", "name": "Best", "discount_percent": "99"},
    ]
    done = imported(poser_db, Vendors, records)
    assert counts(done) == {"created": 1, "refused": 1}
    (refusal,) = only(done).refusals
    assert refusal.place == 2
    assert refusal.reason == "A discount is between 0 and 100 percent; not 101.00000."
    assert rows(poser_db, "SELECT number FROM vendors") == [("2",)]


def test_a_rule_is_held_against_the_row_as_it_would_be(poser_db: Engine) -> None:
    with poser_db.begin() as connection:
        connection.execute(
            text("INSERT INTO products (item_number, description) VALUES ('a', 'Milk')")
        )

    class Sizes(Products):
        fields = (Field("item_number"), Field("unit_size"))

    done = imported(poser_db, Sizes, [{"item_number": "a", "unit_size": "2"}])
    assert counts(done) == {"refused": 1}
    assert "A size is a number above zero with its unit" in only(done).refusals[0].reason


def test_a_value_that_no_row_has_is_named(poser_db: Engine) -> None:
    records = [
        {"item_number": "a", "description": "Milk", "department": "99", "department_name": "X"},
        {"item_number": "b", "description": "Oats"},
    ]
    for record in records:
        record.update(single="", pack_size="")
    done = imported(poser_db, Products, records)
    assert counts(done) == {"created": 1, "refused": 1}
    (refusal,) = only(done).refusals
    assert (refusal.place, refusal.field, refusal.value) == (2, "department_id", "99")
    assert refusal.reason == "there is no department with this number"


def test_of_records_with_one_key_the_first_is_used(poser_db: Engine) -> None:
    records = [*vendors("Acme", "Best"), *vendors("Again")]
    done = imported(poser_db, Vendors, records)
    assert counts(done) == {"created": 2, "refused": 1, "duplicates": 1}
    assert only(done).refusals[0].reason == "has the same number as line 2"
    assert rows(poser_db, "SELECT name FROM vendors ORDER BY number") == [("Acme",), ("Best",)]


def test_a_key_may_be_partly_nothing_and_still_come_twice(poser_db: Engine) -> None:
    records = [
        {"number": "1", "name": "Acme", "discount_percent": ""},
        {"number": "2", "name": "Acme", "discount_percent": "3"},
        {"number": "3", "name": "Acme", "discount_percent": ""},
        {"number": "4", "name": "Acme", "discount_percent": "3.00"},
    ]
    done = imported(poser_db, ByNameAndDiscount, records)
    assert counts(done) == {"created": 2, "refused": 2, "duplicates": 2}
    assert [(one.place, one.value) for one in only(done).refusals] == [
        (4, "Acme, nothing"),
        (5, "Acme, 3.00000"),
    ]


def test_a_rule_is_not_held_against_what_is_not_written(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme"))
    records = [*vendors("Ace"), {"number": "2", "name": "Bolt", "discount_percent": "200"}]
    assert counts(imported(poser_db, Vendors, records, Asked(creates=False))) == {
        "updated": 1,
        "skipped": 1,
    }
    assert counts(imported(poser_db, Vendors, records)) == {"unchanged": 1, "refused": 1}


def test_a_code_that_another_row_has_keeps_the_record_aside(poser_db: Engine) -> None:
    imported(
        poser_db, Codes, [{"item_number": "a", "description": "Milk", "gtin": "4006381333931"}]
    )
    records = [
        {"item_number": "b", "description": "Oats", "gtin": "4006381333931"},
        {"item_number": "c", "description": "Salt", "gtin": ""},
        {"item_number": "d", "description": "Tea", "gtin": "5901234123457"},
        {"item_number": "e", "description": "Tea", "gtin": "5901234123457"},
    ]
    done = imported(poser_db, Codes, records)
    assert counts(done) == {"created": 2, "refused": 2}
    assert [(one.place, one.value, one.reason) for one in only(done).refusals] == [
        (2, "4006381333931", "another product has this gtin already"),
        (5, "5901234123457", "another record has this gtin, too"),
    ]
    dry = imported(poser_db, Codes, records, Asked(dry_run=True))
    assert counts(dry) == {"unchanged": 2, "refused": 2}


def test_two_rows_swap_their_codes(poser_db: Engine) -> None:
    one, other = "4006381333931", "5901234123457"

    def records(first: str, second: str) -> list[dict[str, str]]:
        return [
            {"item_number": "a", "description": "Milk", "gtin": first},
            {"item_number": "b", "description": "Oats", "gtin": second},
        ]

    imported(poser_db, Codes, records(one, other))
    done = imported(poser_db, Codes, records(other, one))
    assert counts(done) == {"updated": 2}
    assert rows(poser_db, "SELECT gtin FROM products ORDER BY item_number") == [
        (int(other),),
        (int(one),),
    ]


def test_a_new_row_takes_the_code_that_another_gives_up(poser_db: Engine) -> None:
    one, other = "4006381333931", "5901234123457"
    imported(poser_db, Codes, [{"item_number": "a", "description": "Milk", "gtin": one}])
    records = [
        {"item_number": "a", "description": "Milk", "gtin": other},
        {"item_number": "b", "description": "Oats", "gtin": one},
    ]
    assert counts(imported(poser_db, Codes, records)) == {"created": 1, "updated": 1}
    assert counts(imported(poser_db, Codes, records)) == {"unchanged": 2}


def test_a_row_that_is_still_used_is_not_deleted(poser_db: Engine) -> None:
    imported(poser_db, Departments, [{"number": str(n), "name": f"D{n}"} for n in range(1, 4)])
    with poser_db.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO products (description, department_id, department_name)"
                " SELECT 'Milk', id, name FROM departments WHERE number = '2'"
            )
        )
    asked = Asked(deletes=True, max_delete_share=100)
    done = imported(poser_db, Departments, [{"number": "1", "name": "D1"}], asked)
    assert counts(done) == {"deleted": 1, "refused": 1, "unchanged": 1}
    (refusal,) = only(done).refusals
    assert (refusal.place, refusal.reason) == (
        "row 2",
        "cannot be deleted: it is still used by products",
    )
    assert rows(poser_db, "SELECT number FROM departments ORDER BY 1") == [("1",), ("2",)]


def test_what_only_writing_shows_is_found_row_by_row(poser_db: Engine) -> None:
    class Prices(Importer):
        model = ProductPrice
        source = "prices"
        key = ("id",)
        fields = (
            Field("id"),
            Field("product_id"),
            Field("price"),
            Field("kind", value="regular"),
            Field("valid", read=lambda said: said),
        )

    ids = [f"01890a5d-ac96-774b-bcce-b30209900{n:03}" for n in range(20)]
    with poser_db.begin() as connection:
        for one in ids:
            connection.execute(
                text("INSERT INTO products (id, description) VALUES (:id, 'Milk')"), {"id": one}
            )
    valid = "[2026-01-01 00:00:00+00,)"
    records = [
        {"id": one, "product_id": ids[0 if n == 7 else n], "price": "1", "valid": valid}
        for n, one in enumerate(ids)
    ]
    done = imported(poser_db, Prices, records)
    assert done.why == ""
    assert counts(done) == {"created": 19, "refused": 1}
    (refusal,) = only(done).refusals
    assert refusal.place == 9
    assert "2026-01-01" in refusal.reason


def test_a_refused_record_does_not_delete_its_row(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Best", "Cole"))
    records = [
        *vendors("Acme"),
        {"number": "2", "name": "Best", "discount_percent": "much"},
    ]
    done = imported(poser_db, Vendors, records, Asked(deletes=True, max_delete_share=50))
    assert counts(done) == {"unchanged": 1, "deleted": 1, "refused": 1}
    assert rows(poser_db, "SELECT number FROM vendors ORDER BY 1") == [("1",), ("2",)]


def test_records_without_a_readable_key_delete_nothing(poser_db: Engine) -> None:
    imported(poser_db, Vendors, vendors("Acme", "Best"))
    records = [*vendors("Acme"), Bad(3, "has 2 values instead of 4")]
    done = imported(poser_db, Vendors, records, Asked(deletes=True, max_delete_share=100))
    assert counts(done) == {"unchanged": 1, "refused": 1}
    assert len(rows(poser_db, "SELECT number FROM vendors")) == 2
    assert any("nothing is deleted" in note for note in done.notes)


def test_a_strict_run_writes_nothing_when_one_record_is_wrong(poser_db: Engine) -> None:
    records = [*vendors("Acme"), {"number": "2", "name": "Best", "discount_percent": "much"}]
    done = imported(poser_db, Vendors, records, Asked(strict=True))
    assert done.status is RunStatus.STOPPED
    assert "discount_percent 'much'" in done.why
    assert rows(poser_db, "SELECT number FROM vendors") == []
    late = [*vendors("Acme"), {"number": "2", "name": "Best", "discount_percent": "101"}]
    done = imported(poser_db, Vendors, late, Asked(strict=True))
    assert done.status is RunStatus.STOPPED
    assert rows(poser_db, "SELECT number FROM vendors") == []


def test_a_table_whose_rows_share_a_key_is_refused(poser_db: Engine) -> None:
    class ByName(Vendors):
        key = ("name",)

    imported(poser_db, Vendors, vendors("Acme", "Acme"))
    done = imported(poser_db, ByName, vendors("Acme"))
    assert done.status is RunStatus.FAILED
    assert "2 rows of vendors have name Acme" in done.why


def test_a_parent_that_is_refused_takes_its_children_with_it(poser_db: Engine) -> None:
    records = {
        "departments": [{"number": "2", "name": ""}],
        "products": [
            {"item_number": "a", "description": "Milk", "department": "2",
             "department_name": "Dairy", "single": "", "pack_size": ""}
        ],
    }  # fmt: skip
    done = run(handler(records, Departments, Products), Asked(), {"poser": poser_db})
    assert [(m.created, m.refused) for m in done.models] == [(0, 1), (0, 1)]
    assert [m.refusals[0].reason for m in done.models] == [
        "The name of a department may not be empty.",
        "there is no such department",
    ]


def test_all_refusals_are_kept_and_the_result_shows_the_first(poser_db: Engine) -> None:
    records = [{"name": f"Brand {n}"} for n in range(5_000)]
    done = imported(poser_db, Brands, [*records, *records])
    assert counts(done) == {"created": 5_000, "refused": 5_000, "duplicates": 5_000}
    assert len(only(done).refusals) == 1_000
    assert rows(poser_db, "SELECT count(*) FROM import_refusals") == [(5_000,)]
