# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL says is read without guessing, and put into words."""

from types import SimpleNamespace
from typing import cast

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.db.violations import row_values as values
from poser.db.violations import said
from poser.db.wording import filled, one

COLUMNS = [
    ("id", "uuid"),
    ("gtin", "bigint"),
    ("description", "text"),
    ("is_weighed", "boolean"),
    ("price", "numeric"),
    ("note", "text"),
    ("valid", "tstzrange"),
    ("at", "timestamp with time zone"),
]
ID = "01a202fd-63d7-7024-8428-8e82996fd1aa"
VALID = '["2026-01-01 00:00:00+00","2026-01-11 00:00:00+00")'
AT = "2026-01-11 00:00:00.123+00"
TEXT = st.text(st.sampled_from("ab, t(f)'\"0"), max_size=12)


def row(description: str, note: str) -> str:
    return f"{ID}, 36000291452, {description}, f, -1.000, {note}, {VALID}, {AT}"


def test_a_row_is_read_by_the_types_of_its_columns() -> None:
    assert values(row("Milk", "null"), COLUMNS) == {
        "id": ID, "gtin": "36000291452", "description": "Milk", "is_weighed": "f",
        "price": "-1.000", "note": None, "valid": VALID, "at": AT,
    }  # fmt: skip


@given(TEXT, TEXT)
def test_whatever_texts_hold_no_value_is_ever_taken_for_another(
    description: str, note: str
) -> None:
    found = values(row(description, note), COLUMNS)
    before = {"id": ID, "gtin": "36000291452"}
    assert {name: found[name] for name in before} == before
    # What stands behind a text that looks like more than one value may be missing, never another.
    rest = {"description": description, "price": "-1.000", "note": note, "valid": VALID, "at": AT}
    for name, value in rest.items():
        assert found.get(name, value) == value


def test_a_comma_in_one_text_leaves_the_others_readable() -> None:
    found = values(row("Milk, whole, 2 %", "x"), COLUMNS)
    assert (found["description"], found["note"]) == ("Milk, whole, 2 %", "x")


def test_a_row_that_does_not_fit_tells_nothing() -> None:
    assert values("1, 2", COLUMNS) == {}
    assert values(", ".join("a" * 40), [("x", "text")] * 20 + [("n", "integer")]) == {}


def refusal(code: str, detail: str) -> psycopg2.Error:
    diag = SimpleNamespace(
        message_primary="no", message_detail=detail, message_hint=None, table_name="t",
        constraint_name="c", column_name=None,
    )  # fmt: skip
    return cast("psycopg2.Error", SimpleNamespace(pgcode=code, diag=diag))


@pytest.mark.parametrize("value", ["x", "a) b", "(1)=(2)", "a, b", "", ") is", "x) already exists"])
def test_the_value_of_a_key_may_hold_anything(value: str) -> None:
    for words in ("already exists.", "existiert bereits.", 'is not present in table "x".'):
        found = said(refusal("23505", f"Key (name)=({value}) {words}"))
        assert found is not None
        assert found.keys == {"name": value}


def test_both_rows_of_an_overlap_are_read() -> None:
    names = "(product_id, COALESCE(store_id, '0'::uuid), kind, valid)"
    none = "00000000-0000-0000-0000-000000000000"
    other = '["2026-01-05 00:00:00+00",)'
    found = said(
        refusal(
            "23P01",
            f"Key {names}=({ID}, {none}, regular, {VALID}) conflicts with existing key"
            f" {names}=({ID}, {none}, regular, {other}).",
        )
    )
    assert found is not None
    assert found.keys == {"product_id": ID, "store_id": "", "kind": "regular", "valid": VALID}
    assert found.others["valid"] == other


def test_what_is_no_refusal_is_left_alone() -> None:
    assert said(refusal("40P01", "deadlock")) is None


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("products", "product"),
        ("categories", "category"),
        ("taxes", "tax"),
        ("batches", "batch"),
        ("postal_addresses", "postal address"),
        ("people", "person"),
        ("ifps_plus", "ifps plu"),
        ("page_help", "page help"),
    ],
)
def test_one_row_of_a_table_has_a_name(table: str, words: str) -> None:
    assert one(table) == words


def test_a_sentence_gets_its_values_or_they_are_put_behind_it() -> None:
    assert filled("Not {price}.", {"price": "-1"}, {}, ("price",)) == "Not -1."
    assert filled("Too low.", {"unit_cost": "-1"}, {}, ("unit_cost",)) == "Too low. (unit cost: -1)"
    assert filled("{valid.from} to {valid.to}", {"valid": VALID}, {}, ()) == (
        "2026-01-01 00:00 UTC to 2026-01-11 00:00 UTC"
    )
    assert filled("until {valid.to}", {"valid": "[2026-01-01,)"}, {}, ()) == "until further notice"
