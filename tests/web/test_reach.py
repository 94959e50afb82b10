# SPDX-License-Identifier: Apache-2.0
"""Nobody changes users or user roles with more rights than they have, by whatever way."""

import re
from collections.abc import Callable, Mapping
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.model import HistoryTransaction, Store, User, UserRole, UserStore
from tests.web.conftest import Browser, Clock, Writer
from tests.web.factories import PASSWORD, add_person
from tests.web.filling import press
from tests.web.test_api import Program, token
from tests.web.test_many import hidden
from web.app import Wsgi

VERBS = ("view", "create", "edit", "delete", "export", "history")
RIGHTS = (
    *(f"{table}.{verb}" for table in ("users", "user_roles") for verb in VERBS),
    "users.rights",
    "permissions.edit",
    "user_roles.make_administrators",
    "vendors.view",
)
"""What mia has: everything about users, and little beside."""

TABLES = ("users", "user_roles", "user_role_permissions", "user_user_role", "user_stores")
REFUSED = {403, 404, 409, 422, 428}


def kept(session: Session) -> dict[str, list[str]]:
    """Read every row that says who may do what, and how many sessions there are."""
    found = {}
    for table in TABLES:
        rows = f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1"  # noqa: S608 - ours
        found[table] = list(session.scalars(text(rows)))
    others = "SELECT u.name FROM user_sessions s JOIN users u ON u.id = s.user_id ORDER BY 1"
    return {**found, "sessions": list(session.scalars(text(others)))}


def ids(session: Session) -> dict[str, UUID]:
    """Give the ids of all users and user roles by their names."""
    pairs = [*session.execute(select(User.name, User.id))]
    pairs += [*session.execute(select(UserRole.name, UserRole.id))]
    return {name: key for name, key in pairs}  # noqa: C416 - rows, not tuples


@pytest.fixture
def known(app: Wsgi, poser: Writer) -> dict[str, UUID]:
    """Add ada who may everything, tom who may one thing more than mia, and ann who may less."""
    poser(add_person, "ada", admin=True)
    poser(add_person, "tom", "vendors.view", "vendors.edit")
    poser(add_person, "ann", "vendors.view")
    poser(add_person, "mia", *RIGHTS)
    for name in ("ada", "tom"):
        assert Browser(app).sign_in(name).status_code == 303
    return poser(ids)


@pytest.fixture
def mia(app: Wsgi, known: dict[str, UUID]) -> Browser:  # noqa: ARG001 - made first
    browser = Browser(app)
    assert browser.sign_in("mia").status_code == 303
    return browser


def places(known: Mapping[str, UUID]) -> dict[str, str]:
    """Give the addresses of who, and of what, is beyond mia."""
    users = {name: f"/users/{known[name]}" for name in ("ada", "tom")}
    roles = ("ada's role", "tom's role", "Administrators")
    return users | {name: f"/user-roles/{known[name]}" for name in roles}


def all_forms(browser: Browser, path: str, own: str) -> dict[str, int]:
    """Send every form there is for one record; gives the status of each."""
    cell = {"was.is_active": "yes"}  # a tick that is not sent is taken away
    if not path.startswith("/users"):
        cell = {"was.session_minutes": "", "session_minutes": "1"}
    was = {"was.name": "", "was.is_active": "yes", "was.session_minutes": ""}
    moment = {"moment": "2100-01-01T00:00:00+00:00"}
    found = {
        "edit": press(browser, f"{path}/edit", name="mine", session_minutes="1", **was),
        "cell": press(browser, f"{path}/edit", **cell),
        "delete": press(browser, f"{path}/delete", sure="yes"),
        "touch": press(browser, f"{path}/touch"),
        "restore": press(browser, f"{path}/history", **moment),
        "field": press(browser, f"{path}/history", field="name", **moment),
    }
    if path.startswith("/users"):
        for do in ("roles", "stores", "password", "factors", "sessions"):
            fields = {"do": do, "limited": "yes", "password": "a password of mia's own"}
            found[do] = press(browser, f"{path}/access", **fields, **{f"role.{own}": "yes"})
    return found


def test_no_form_of_the_record_reaches_them(
    mia: Browser, poser: Writer, known: dict[str, UUID]
) -> None:
    before = poser(kept)
    for name, path in places(known).items():
        assert mia.get(path).status_code == 200, "they are seen"
        assert f"{path}/edit" not in mia.text, "and offered no change"
        assert f"{path}/delete" not in mia.text
        statuses = all_forms(mia, path, str(known["mia's role"]))
        assert set(statuses.values()) <= REFUSED, (name, statuses)
    assert poser(kept) == before


def test_those_with_fewer_rights_are_changed_by_all_of_them(
    mia: Browser, poser: Writer, known: dict[str, UUID], app: Wsgi
) -> None:
    path = f"/users/{known['ann']}"
    mia.get(path)
    assert f"{path}/edit" in mia.text
    statuses = all_forms(mia, path, str(known["ann's role"]))
    assert statuses.pop("delete") == 303
    assert press(mia, f"/users/deleted/{known['ann']}") == 303
    assert press(mia, f"{path}/access", do="password", password="a password of mia's own") == 303
    was = {"was.full_name": "", "was.is_active": "no"}
    assert press(mia, f"{path}/edit", full_name="Ann", is_active="yes", **was) == 303
    assert poser(lambda s: s.get_one(User, known["ann"]).full_name) == "Ann"
    assert Browser(app).sign_in("ann", "a password of mia's own").status_code == 303


@pytest.mark.parametrize("is_all", [True, False])
@pytest.mark.parametrize("change", ["/users is_active no", "/user-roles description x"])
def test_a_change_of_many_passes_them_by(
    mia: Browser,
    poser: Writer,
    known: dict[str, UUID],
    change: str,
    is_all: bool,  # noqa: FBT001
) -> None:
    path, field, value = change.split()
    table = path.strip("/").replace("-", "_")
    beyond = [where.rpartition("/")[2] for where in places(known).values()]

    def rows(session: Session) -> list[str]:
        every = kept(session)[table]
        return [row for row in every if any(key in row for key in beyond)]

    before = poser(rows)
    chosen = {"all": "1"} if is_all else {f"key-{key}": "1" for key in beyond}
    for verb in ("change", "delete"):
        mia.get(path)
        mia.post(f"{path}/{verb}", {"csrf": mia.token(), **chosen, "field": field})
        if f'name="{field}"' in mia.text:
            mia.post(f"{path}/{verb}", {**hidden(mia), field: value})
        more = hidden(mia)
        if more.get("expected", "0") != "0":
            assert is_all, "nothing of what was ticked may be done"
            assert not set(beyond) & set(re.findall(r'href="[^"]*/([0-9a-f-]{36})"', mia.text))
    assert poser(rows) == before


def test_no_program_reaches_them(
    app: Wsgi, poser: Writer, known: dict[str, UUID], clock: Clock
) -> None:
    program = Program(app, token(poser, clock, "mia"))
    before = poser(kept)
    for path in places(known).values():
        for method, body in (("PATCH", {"name": "mine"}), ("DELETE", None)):
            sent = program.ask(method, f"/api/v1{path}", body, If_Match="*")
            assert sent.status_code in REFUSED, (method, path)
    new = {"name": "all", "is_administrator": True}
    assert program.ask("POST", "/api/v1/user-roles", new).status_code == 403
    own = f"/api/v1/user-roles/{known['mia' + chr(39) + 's role']}"
    assert program.ask("PATCH", own, {"is_administrator": True}, If_Match="*").status_code == 403
    assert poser(kept) == before
    fine = program.ask("PATCH", f"/api/v1/users/{known['ann']}", {"full_name": "A"}, If_Match="*")
    assert fine.status_code == 200


def test_who_may_make_administrators_does_not_make_one_of_themselves(
    mia: Browser, poser: Writer, known: dict[str, UUID]
) -> None:
    before = poser(kept)
    own = f"/user-roles/{known['mia' + chr(39) + 's role']}"
    grab = {"is_administrator": "yes", "was.is_administrator": "no"}
    assert press(mia, f"{own}/edit", **grab) == 422
    assert "would have more rights than you have" in mia.text
    assert press(mia, "/user-roles/new", name="all", **grab) == 422
    assert press(mia, f"/user-roles/{known['ada' + chr(39) + 's role']}/copy", name="a", **grab) == 422  # fmt: skip # noqa: E501
    assert poser(kept) == before


def only_here(session: Session, name: str) -> None:
    """Let the user role of somebody hold on stores alone."""
    role = session.scalars(select(UserRole).where(UserRole.name == f"{name}'s role")).one()
    role.node_kind = "store"


@pytest.mark.parametrize("is_admin", [False, True])
def test_what_holds_on_one_kind_of_node_is_not_let_out_of_it(
    app: Wsgi,
    poser: Writer,
    known: dict[str, UUID],
    clock: Clock,
    is_admin: bool,  # noqa: FBT001
) -> None:
    more = [] if is_admin else [*RIGHTS, "vendors.edit"]
    poser(add_person, "eve", *more, admin=is_admin)
    poser(only_here, "eve")
    eve = Browser(app)
    assert eve.sign_in("eve").status_code == 303
    before = poser(kept)
    program = Program(app, token(poser, clock, "eve"))
    own = f"/user-roles/{poser(ids)['eve' + chr(39) + 's role']}"
    for kind in ("", "host"):
        wide = {"node_kind": kind, "was.node_kind": "store"}
        assert press(eve, f"{own}/edit", **wide) == 422
        assert "would have more rights than you have" in eve.text
        sent = program.ask("PATCH", f"/api/v1{own}", {"node_kind": kind}, If_Match="*")
        assert sent.status_code in REFUSED
    # Mia's user role gives the same or less, but everywhere; to give it would be to have it.
    for path in ("users/" + str(known["mia"]), "user-roles/" + str(known["mia's role"])):
        sent = program.ask("DELETE", f"/api/v1/{path}", None, If_Match="*")
        assert sent.status_code in REFUSED, path
    mine, given = f"/users/{poser(ids)['eve']}/access", known["mia's role"]
    assert press(eve, mine, do="roles", **{f"role.{given}": "yes"}) in REFUSED
    assert poser(kept) == before
    fine = program.ask("PATCH", f"/api/v1{own}", {"description": "E"}, If_Match="*")
    assert fine.status_code == 200


def test_the_matrix_gives_nothing_beyond_where_one_has_it(
    app: Wsgi, poser: Writer, known: dict[str, UUID]
) -> None:
    poser(add_person, "eve", *RIGHTS, "vendors.edit")
    poser(only_here, "eve")
    eve = Browser(app)
    assert eve.sign_in("eve").status_code == 303
    role = known["ann's role"]  # which holds everywhere
    path = f"/permissions?area=Buying&role={role}"
    eve.get(path)
    state = re.search(r'name="state" value="(\w+)"', eve.text)
    assert state
    before = poser(kept)
    sent = {"csrf": eve.token(), "state": state[1]}
    ticks = {f"{role}:vendors.view": "yes", f"{role}:vendors.edit": "yes"}
    assert eve.post(path, sent | ticks).status_code == 409
    assert poser(kept) == before


def test_the_matrix_takes_nothing_from_them(
    mia: Browser, poser: Writer, known: dict[str, UUID]
) -> None:
    before = poser(kept)
    role = known["tom's role"]
    path = f"/permissions?area=Buying&role={role}"
    mia.get(path)
    state = re.search(r'name="state" value="(\w+)"', mia.text)
    assert state
    sent = {"csrf": mia.token(), "state": state[1], f"{role}:vendors.edit": "yes"}
    assert mia.post(path, sent).status_code == 409, "mia may see vendors, and takes it from tom"
    assert poser(kept) == before


def last_transaction(session: Session) -> UUID:
    newest = select(HistoryTransaction.id).order_by(HistoryTransaction.id.desc()).limit(1)
    return session.scalars(newest).one()


def test_the_history_brings_no_rights_back(
    app: Wsgi, mia: Browser, poser: Writer, known: dict[str, UUID]
) -> None:
    ada = Browser(app)
    ada.sign_in("ada")
    tom, role = f"/users/{known['tom']}", f"/user-roles/{known['tom' + chr(39) + 's role']}"
    deeds: dict[str, Callable[[], int]] = {
        "made an administrator": lambda: press(
            ada, f"{role}/edit", is_administrator="yes", **{"was.is_administrator": "no"}
        ),
        "no administrator again": lambda: press(ada, f"{role}/edit", **{
            "was.is_administrator": "yes"}),
        "renamed": lambda: press(ada, f"{tom}/edit", full_name="Tom", **{"was.full_name": ""}),
        "role deleted": lambda: press(ada, f"{role}/delete", sure="yes"),
        "user deleted": lambda: press(ada, f"{tom}/delete", sure="yes"),
    }  # fmt: skip
    made = {}
    for name, deed in deeds.items():
        assert deed() == 303, name
        made[name] = poser(last_transaction)
    assert len(set(made.values())) == len(deeds)
    before = poser(kept)
    statuses = {name: press(mia, f"/history/{key}") for name, key in made.items()}
    statuses["role"] = press(mia, f"/user-roles/deleted/{role.rpartition('/')[2]}")
    # The user alone has no rights any more; with the user role gone there are none to get.
    assert set(statuses.values()) <= REFUSED | {303}
    after = poser(kept)
    assert after["user_roles"] == before["user_roles"]
    assert after["user_role_permissions"] == before["user_role_permissions"]
    assert {k: s for k, s in statuses.items() if s == 303}.keys() <= {"user deleted"}


def test_a_whole_change_of_theirs_is_not_taken_back(
    app: Wsgi, mia: Browser, poser: Writer, known: dict[str, UUID]
) -> None:
    ada = Browser(app)
    ada.sign_in("ada")
    path = f"/users/{known['tom']}/edit"
    assert press(ada, path, full_name="Tom", **{"was.full_name": ""}) == 303
    key = poser(last_transaction)
    assert press(mia, f"/history/{key}") == 403
    assert poser(lambda s: s.get_one(User, known["tom"]).full_name) == "Tom"
    assert press(ada, f"/history/{key}") == 303
    assert poser(lambda s: s.get_one(User, known["tom"]).full_name) == ""


def test_staff_of_one_store_reach_no_users_of_others(
    app: Wsgi, mia: Browser, poser: Writer, known: dict[str, UUID]
) -> None:
    def limit(session: Session) -> dict[str, UUID]:
        stores = {n: Store(number=n, name=f"Store {n}") for n in ("1", "2")}
        session.add_all(stores.values())
        session.flush()
        for name, mine in (("mia", "1"), ("ann", "12")):
            session.get_one(User, known[name]).is_limited_to_stores = True
            session.add_all(UserStore(user_id=known[name], store_id=stores[n].id) for n in mine)
        return {number: store.id for number, store in stores.items()}

    stores = poser(limit)
    before = poser(kept)
    path = f"/users/{known['ann']}"
    assert set(all_forms(mia, path, str(known["ann's role"])).values()) <= REFUSED
    assert press(mia, "/users/new", name="new", is_active="yes") == 422, "for all stores"
    own = f"/users/{known['mia']}/access"
    for wanted in ({"limited": "no"}, {"limited": "yes", f"store.{stores['2']}": "yes"}):
        assert press(mia, own, do="stores", **wanted) == 409
    assert poser(kept) == before
    assert Browser(app).sign_in("ann", PASSWORD).status_code == 303


def test_users_and_user_roles_are_not_merged(mia: Browser, known: dict[str, UUID]) -> None:
    for path in places(known).values():
        assert mia.get(f"{path}/merge").status_code == 404
