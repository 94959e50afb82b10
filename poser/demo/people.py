# SPDX-License-Identifier: Apache-2.0
"""Who shops and works in a demo shop: customers, members, cashiers; none of them is real.

Addresses are in towns that are on no map, with postal codes that nobody has; telephone
numbers are those kept for fiction, and mail goes to a domain kept for examples.

*Source:* RFC 2606 (example.com); North American Numbering Plan, 555-0100 to 555-0199.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from sqlalchemy.orm import Session

from poser.demo.groundwork import place_name
from poser.demo.plan import Kind, Plan
from poser.demo.rows import Rows
from poser.demo.words import LISTS

BATCH = 2_000
CASHIERS = 8
"""How many people work at the tills of a store."""
MEMBERS = 0.45
SHARE = 100
_TOWNS = 40
_EMPLOYEES_FROM = 10_000_000
"""People below are customers, those from here on work here."""

TABLES = {
    "people": ("id", "display_name", "given_name", "family_name"),
    "customers": ("id", "number", "name", "holder_id"),
    "customer_people": ("id", "customer_id", "person_id"),
    "customer_shoppers": ("id", "customer_id", "person_id", "number"),
    "membership_types": ("id", "number", "name", "equity_required"),
    "members": (
        "id", "number", "membership_type_id", "person_id", "customer_id", "joined_on",
        "equity_required",
    ),
    "member_equity_payments": (
        "id", "member_id", "amount", "received_at", "description", "source", "source_key",
    ),
    "phones": ("id", "person_id", "kind", "number", "takes_texts"),
    "email_addresses": ("id", "person_id", "address"),
    "postal_addresses": ("id", "person_id", "country", "street", "city", "region", "postal_code"),
    "employees": ("id", "number", "person_id", "job_title", "is_full_time"),
    "employee_stores": ("id", "employee_id", "store_id"),
}  # fmt: skip


def load(session: Session, plan: Plan, tell: Callable[[int], None]) -> int:
    """Write everybody; returns how many rows."""
    rows = Rows(session, TABLES)
    kind = plan.id(Kind.MEMBERSHIP_TYPE, 0)
    rows.add("membership_types", kind, f"{plan.mark}1", "Household", SHARE)
    for store in range(plan.stores):
        for place in range(CASHIERS):
            _employee(rows, plan, store, place)
    for number in range(plan.customers):
        _customer(rows, plan, number)
        if rows.waiting >= BATCH:
            rows.write()
            tell(number + 1)
    rows.write()
    tell(plan.customers)
    return rows.written


def customer_number(plan: Plan, number: int) -> str:
    """Give the number on a customer's card."""
    return f"{plan.mark}{100_001 + number}"


def is_member(plan: Plan, number: int) -> bool:
    """Tell whether a customer is a member."""
    return plan.dice(Kind.MEMBER, number).random() < MEMBERS


def cashier(plan: Plan, store: int, place: int) -> tuple[str, str]:
    """Give number and name of a cashier."""
    given, family = _names(plan.dice(Kind.EMPLOYEE, store * 100 + place))
    return f"{plan.mark}{store + 1}{place + 1:02}", f"{given} {family}"


def _names(dice: Random) -> tuple[str, str]:
    return dice.choice(LISTS["given_names"]), dice.choice(LISTS["family_names"])


def _employee(rows: Rows, plan: Plan, store: int, place: int) -> None:
    number, name = cashier(plan, store, place)
    given, _, family = name.partition(" ")
    count = store * 100 + place
    person = plan.id(Kind.PERSON, _EMPLOYEES_FROM + count)
    key = plan.id(Kind.EMPLOYEE, count)
    rows.add("people", person, name, given, family)
    rows.add("employees", key, number, person, "cashier", place % 2 == 0)
    rows.add(
        "employee_stores", plan.id(Kind.EMPLOYEE_STORE, count), key, plan.id(Kind.STORE, store)
    )


def _customer(rows: Rows, plan: Plan, number: int) -> None:
    dice = plan.dice(Kind.CUSTOMER, number)
    given, family = _names(dice)
    name = f"{given} {family}"
    person, customer = plan.id(Kind.PERSON, number), plan.id(Kind.CUSTOMER, number)
    rows.add("people", person, name, given, family)
    rows.add("customers", customer, customer_number(plan, number), name, person)
    rows.add("customer_people", plan.id(Kind.CUSTOMER_PERSON, number), customer, person)
    rows.add("customer_shoppers", plan.id(Kind.SHOPPER, number), customer, person, 1)
    if dice.random() < 0.8:  # noqa: PLR2004 - the rest of the customers gave none
        phone = f"+1 {dice.randrange(200, 1000)} 555 01{dice.randrange(100):02}"
        rows.add("phones", plan.id(Kind.PHONE, number), person, "mobile", phone, "t")
    if dice.random() < 0.7:  # noqa: PLR2004
        address = f"{given}.{family}.{number + 1}@example.com".lower()
        rows.add("email_addresses", plan.id(Kind.EMAIL, number), person, address)
    street = f"{dice.randrange(1, 2000)} {dice.choice(LISTS['streets'])}"
    town = min(dice.randrange(_TOWNS), dice.randrange(_TOWNS))
    postal = f"00{100 + town:03}"
    key = plan.id(Kind.ADDRESS, number)
    rows.add("postal_addresses", key, person, "US", street, place_name(town), "IL", postal)
    if is_member(plan, number):
        _member(rows, plan, number, dice)


def _member(rows: Rows, plan: Plan, number: int, dice: Random) -> None:
    joined = plan.first_day - timedelta(days=dice.randrange(3000))
    member = plan.id(Kind.MEMBER, number)
    rows.add(
        "members",
        member,
        f"{plan.mark}{number + 1:06}",
        plan.id(Kind.MEMBERSHIP_TYPE, 0),
        plan.id(Kind.PERSON, number),
        plan.id(Kind.CUSTOMER, number),
        joined,
        SHARE,
    )
    paid = dice.choice((25, 50, 100, 100, 100))
    key = f"{plan.seed}/{number + 1}"
    at = f"{joined} 17:00:00+00"
    rows.add(
        "member_equity_payments", plan.id(Kind.EQUITY, number), member, paid, at, "share", "demo",
        key,
    )  # fmt: skip
