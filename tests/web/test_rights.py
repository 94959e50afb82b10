# SPDX-License-Identifier: Apache-2.0
"""Who may do what: user roles for everybody, kinds of nodes, stores, root, and no escalation."""

import re
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from poser.model import (
    Purchase,
    SignInEvent,
    Store,
    User,
    UserRole,
    UserRolePermission,
    UserStore,
    Vendor,
)
from tests.web.conftest import Browser, Clock, Writer
from tests.web.factories import PASSWORD, add_person
from tests.web.filling import send as fill_in
from web.app import Wsgi


def signed_in(app: Wsgi, name: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(name).status_code == 303
    return browser


def send(browser: Browser, path: str, **fields: str) -> int:
    """Open a page and send its form."""
    browser.get(path)
    return browser.post(path, {"csrf": browser.token(), **fields}).status_code


def user_id(session: Session, name: str) -> UUID:
    return session.scalars(select(User.id).where(User.name == name)).one()


def role_id(session: Session, name: str) -> UUID:
    return session.scalars(select(UserRole.id).where(UserRole.name == name)).one()


def give(session: Session, role: str, *permissions: str) -> None:
    found = session.scalars(select(UserRole).where(UserRole.name == role)).one()
    found.permissions += [UserRolePermission(permission=each) for each in permissions]


def test_what_signed_in_may_holds_for_all_who_are_signed_in(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "kim")
    kim = signed_in(app, "kim")
    assert kim.get("/vendors").status_code == 403
    poser(give, "Signed in", "vendors.view")
    assert kim.get("/vendors").status_code == 200
    assert Browser(app).get("/vendors").status_code == 303


def test_what_anyone_may_holds_for_strangers_too(stranger: Browser, poser: Writer) -> None:
    assert stranger.get("/vendors").status_code == 303
    poser(give, "Anyone", "vendors.view")
    assert stranger.get("/vendors").status_code == 200
    assert stranger.get("/users").status_code == 303


@pytest.mark.parametrize(("kind", "status"), [("", 200), ("store", 200), ("host", 403)])
def test_a_user_role_holds_on_its_kind_of_node(
    app: Wsgi, poser: Writer, kind: str, status: int
) -> None:
    def limit(session: Session) -> None:
        role = session.scalars(select(UserRole).where(UserRole.name == "sam's role")).one()
        role.node_kind = kind

    poser(add_person, "sam", "vendors.view")
    poser(limit)
    assert signed_in(app, "sam").get("/vendors").status_code == status


def test_no_one_gives_a_user_role_that_may_more_than_they_may(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "ada", admin=True)
    poser(add_person, "mia", "users.view", "users.rights", "vendors.view")
    poser(add_person, "sam", "vendors.view")
    poser(add_person, "tom", "vendors.view", "vendors.edit")
    mia, sam = signed_in(app, "mia"), poser(user_id, "sam")
    path = f"/users/{sam}/access"
    own = poser(role_id, "sam's role")
    for beyond in ("tom's role", "ada's role", "Administrators"):
        role = poser(role_id, beyond)
        fields = {f"role.{own}": "yes", f"role.{role}": "yes"}
        assert send(mia, path, do="roles", **fields) == 409
        assert "may not give or take" in mia.text
    assert (
        send(mia, path, do="roles", **{f"role.{poser(role_id, 'sam' + chr(39) + 's role')}": "yes"})
        == 303
    )
    ada = poser(user_id, "ada")
    mia.get(path)
    taken = mia.post(
        f"/users/{ada}/access",
        {"csrf": mia.token(), "do": "password", "password": "a password of mia's"},
    )
    assert taken.status_code == 409
    assert Browser(app).sign_in("ada").status_code == 303, "the password is the old one"


def test_the_last_who_may_everything_stays(admin: Browser, poser: Writer) -> None:
    ada = poser(user_id, "ada")
    assert send(admin, f"/users/{ada}/access", do="roles") == 409
    assert "Nobody would be left who may do everything" in admin.text
    assert admin.get("/users").status_code == 200


def test_the_matrix_gives_and_takes_and_loses_no_change_of_others(
    admin: Browser, app: Wsgi, poser: Writer
) -> None:
    poser(add_person, "sam", "vendors.view")
    sam, role = signed_in(app, "sam"), poser(role_id, "sam's role")
    path = f"/permissions?area=Buying&role={role}"
    admin.get(path)
    assert f'name="{role}:vendors.view" value="yes" checked' in admin.text
    state = re.search(r'name="state" value="(\w+)"', admin.text)
    assert state
    fields = {"csrf": admin.token(), "state": state[1], f"{role}:vendors.edit": "yes"}
    assert admin.post(path, fields).status_code == 303
    held = poser(lambda s: set(s.scalars(select(UserRolePermission.permission))))
    assert held == {"vendors.edit"}
    assert sam.get("/vendors").status_code == 403
    admin.get(path)
    fields["csrf"] = admin.token()
    assert admin.post(path, fields).status_code == 409, "the page that was sent is old"


def test_the_matrix_gives_nothing_that_the_giver_has_not(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "mia", "permissions.edit", "vendors.view")
    mia, role = signed_in(app, "mia"), poser(role_id, "mia's role")
    path = f"/permissions?area=Buying&role={role}"
    mia.get(path)
    state = re.search(r'name="state" value="(\w+)"', mia.text)
    assert state
    fields = {f"{role}:vendors.view": "yes", f"{role}:vendors.edit": "yes"}
    sent = mia.post(path, {"csrf": mia.token(), "state": state[1], **fields})
    assert sent.status_code == 409
    assert mia.get("/vendors").status_code == 200


def test_what_a_user_may_and_why(admin: Browser, poser: Writer) -> None:
    poser(add_person, "sam", "vendors.view")
    poser(give, "Signed in", "stores.view")
    admin.get(f"/users/{poser(user_id, 'sam')}/access")
    assert re.search(r"See vendors</td>\s*<td[^>]*>sam's role", admin.text)
    assert re.search(r"See stores</td>\s*<td[^>]*>Signed in", admin.text)


def become_root(browser: Browser, proof: str = PASSWORD, reason: str = "the till is stuck") -> int:
    return send(browser, "/root", reason=reason, proof=proof, next="/vendors")


def test_root_is_a_right_and_lasts_a_quarter_of_an_hour(
    app: Wsgi, poser: Writer, clock: Clock
) -> None:
    poser(add_person, "sam", "root.become")
    poser(add_person, "kim")
    sam, kim = signed_in(app, "sam"), signed_in(app, "kim")
    assert kim.get("/root").status_code == 403
    assert sam.get("/vendors").status_code == 403
    assert become_root(sam) == 303
    assert sam.get("/vendors").status_code == 200
    assert "the till is stuck" in sam.text
    assert 'class="inside root"' in sam.text
    clock.advance(minutes=14, seconds=59)
    assert sam.get("/vendors").status_code == 200
    clock.advance(seconds=1)
    assert sam.get("/vendors").status_code == 403


def test_root_asks_again_who_it_is_and_why(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "sam", "root.become")
    sam = signed_in(app, "sam")
    assert become_root(sam, proof="not the password") == 403
    assert become_root(sam, reason="  ") == 422
    assert sam.get("/vendors").status_code == 403
    assert become_root(sam) == 303
    sam.get("/vendors")
    out = sam.post("/root/leave", {"csrf": sam.token()})
    assert out.status_code == 303
    assert sam.get("/vendors").status_code == 403
    kinds = poser(lambda s: list(s.scalars(select(SignInEvent.kind).order_by(SignInEvent.id))))
    assert kinds == ["signed_in", "wrong_password", "root_refused", "became_root", "left_root"]
    notes = poser(lambda s: set(s.scalars(select(SignInEvent.note))))
    assert "the till is stuck" in notes


def test_root_is_of_one_session_and_none_of_a_clock_that_was_ahead(
    app: Wsgi, poser: Writer, clock: Clock
) -> None:
    poser(add_person, "sam", "root.become")
    sam, other = signed_in(app, "sam"), signed_in(app, "sam")
    clock.advance(hours=2)
    assert become_root(sam) == 303
    assert other.get("/vendors").status_code == 403
    clock.advance(hours=-2)
    assert sam.get("/vendors").status_code == 403


def test_changes_of_root_say_so_in_the_history(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "sam", "root.become")
    sam = signed_in(app, "sam")
    become_root(sam)
    assert fill_in(sam, "/vendors/new", {"number": "A", "name": "Acme"}) == 303
    kept = poser(
        lambda s: s.execute(
            text(
                "SELECT user_name, via, comment FROM history_transactions ORDER BY id DESC LIMIT 1"
            )
        ).one()
    )
    assert kept.user_name == "sam"
    assert kept.via.endswith("as root")
    assert kept.comment == "the till is stuck"


def add_stores(session: Session) -> dict[str, UUID]:
    """Add two stores with an order each, and a user who is limited to the first."""
    made: dict[str, UUID] = {}
    vendor = Vendor(number="A", name="Acme")
    session.add(vendor)
    session.flush()
    for number in ("1", "2"):
        store = Store(number=number, name=f"Store {number}")
        session.add(store)
        session.flush()
        order = Purchase(order_number=f"P{number}", store_id=store.id, vendor_id=vendor.id)
        session.add(order)
        session.flush()
        made |= {f"store {number}": store.id, f"order {number}": order.id}
    permissions = ("purchases.view", "purchases.edit", "purchases.delete", "purchases.export")
    kim = add_person(session, "kim", *permissions, "stores.view")
    kim.is_limited_to_stores = True
    session.add(UserStore(user_id=kim.id, store_id=made["store 1"]))
    session.flush()
    return made


def test_staff_of_a_store_see_its_rows_and_no_others(app: Wsgi, poser: Writer) -> None:
    made = poser(add_stores)
    kim = signed_in(app, "kim")
    kim.get("/purchases")
    assert "P1" in kim.text
    assert "P2" not in kim.text
    assert "P2" not in kim.get("/purchases.csv").text
    assert kim.get(f"/purchases/{made['order 1']}").status_code == 200
    for path in ("", "/edit", "/history"):
        assert kim.get(f"/purchases/{made['order 2']}{path}").status_code in {403, 404}
    kim.get(f"/purchases/{made['order 1']}")
    for path in ("edit", "delete"):
        sent = kim.post(f"/purchases/{made['order 2']}/{path}", {"csrf": kim.token()})
        assert sent.status_code in {404, 422}, "what was sent may be looked at first"
    assert poser(lambda s: s.scalars(select(func.count(Purchase.id))).one()) == 2


def test_who_is_limited_and_has_no_store_sees_no_rows(app: Wsgi, poser: Writer) -> None:
    made = poser(add_stores)

    def close(session: Session) -> None:
        session.delete(session.scalars(select(UserStore)).one())

    poser(close)
    kim = signed_in(app, "kim")
    assert kim.get(f"/purchases/{made['order 1']}").status_code == 404
