# SPDX-License-Identifier: Apache-2.0
"""Whose number it is: found by the box and in lists, however it is typed or was written."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import Customer, Person, Phone, User, UserRole, UserRolePermission
from tests.web.conftest import Browser, Writer

STORED = ("555-0123", "(217) 555 0123", "+1 217 555 0123", "0217/555-0123", "2175550123")
TYPED = (
    "555-0123",
    "5550123",
    "(217) 555-0123",
    "+1 217 555 0123",
    "1.217.555.0123",
    "0217 5550123",
)


def _fill(session: Session) -> None:
    for place, number in enumerate(STORED):
        person = Person(display_name=f"Holder {place}")
        customer = Customer(name=f"House {place}", number=f"H{place}")
        session.add_all([person, customer])
        session.flush()
        session.add(Phone(person_id=person.id, number=number))
        session.add(Phone(customer_id=customer.id, number=number))
    other = Person(display_name="Somebody else")
    session.add(other)
    session.flush()
    session.add(Phone(person_id=other.id, number="217 555 0124"))


@pytest.mark.parametrize("typed", TYPED)
def test_a_number_is_found_however_it_is_written(admin: Browser, poser: Writer, typed: str) -> None:
    poser(_fill)
    asked = typed.replace("+", "%2B").replace(" ", "+")
    for grid, name in (("/people", "Holder"), ("/customers", "House")):
        assert admin.get(f"{grid}?q={asked}").status_code == 200
        for place in range(len(STORED)):
            assert f"{name} {place}" in admin.text, (grid, STORED[place])
        assert "Somebody else" not in admin.text
    assert admin.get(f"/find?q={asked}").status_code == 200
    assert "Holder 0" in admin.text
    assert "House 4" in admin.text
    assert "Somebody else" not in admin.text


def test_another_area_is_another_number(admin: Browser, poser: Writer) -> None:
    poser(_fill)
    admin.get("/people?q=%2B1+312+555+0123")
    assert "Holder 0" in admin.text, "it may be this one: no area was written"
    for place in range(1, len(STORED)):
        assert f"Holder {place}" not in admin.text


@pytest.mark.parametrize("typed", ["0123", "555", "55-01-23", "0000000", "call+5550123"])
def test_what_is_no_whole_number_finds_nobody(admin: Browser, poser: Writer, typed: str) -> None:
    poser(_fill)
    assert admin.get(f"/people?q={typed}").status_code == 200
    assert "Holder" not in admin.text


def test_names_and_account_numbers_are_found_as_before(admin: Browser, poser: Writer) -> None:
    poser(_fill)
    poser(lambda s: s.add(Customer(name="Digits", number="5550123")))
    assert "House 2" in admin.follow("/customers?q=555-0123").text
    assert "Digits" in admin.follow("/customers?q=5550123").text
    admin.get("/people?q=holder+3")
    assert "Holder 3" in admin.text
    assert "Holder 1" not in admin.text


def test_who_may_not_see_numbers_finds_nobody_by_them(staff: Browser, poser: Writer) -> None:
    poser(_fill)
    poser(_let_see, "people.view")
    staff.get("/people?q=holder")
    assert "Holder 1" in staff.text
    staff.get("/people?q=555-0123")
    assert "Holder" not in staff.text
    poser(_let_see, "phones.view")
    staff.get("/people?q=555-0123")
    assert "Holder 1" in staff.text


def _let_see(session: Session, permission: str) -> None:
    role = session.scalars(select(UserRole).where(UserRole.name == "sam's role")).one()
    role.permissions.append(UserRolePermission(permission=permission))
    assert session.scalars(select(User).where(User.name == "sam")).one()
