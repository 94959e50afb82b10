# SPDX-License-Identifier: Apache-2.0
"""Every address asked with each permission alone, by staff of another store, and without token."""

from collections.abc import Collection, Iterable, Mapping
from html import unescape
from uuid import UUID, uuid4

import pytest
from falcon.testing import Result
from sqlalchemy import Table, delete, select, text
from sqlalchemy.orm import Session

from poser.model import (
    StockLevel,
    StockMovement,
    Store,
    User,
    UserRole,
    UserRolePermission,
    UserStore,
)
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from tests.web.rows import add_row
from web.app import Wsgi, needs_of
from web.pages import find_pages
from web.permissions import Anyone, Need, Permission
from web.resources import Resource
from web.site import Site

API = "/api/"
KEY = str(uuid4())


def routes(site: Site) -> Mapping[str, Need]:
    return needs_of(find_pages(site).routes)


def address(template: str, key: object = KEY) -> str:
    """Fill in a route with an id, by default one that no record has."""
    found = template.replace("{key:uuid}", str(key)).replace("{number:int}", "1")
    while "{" in found:
        before, _, rest = found.partition("{")
        found = f"{before}{key}{rest.partition('}')[2]}"
    return found


def have(session: Session, name: str, *permissions: str) -> None:
    """Let a user have just these permissions, by their only user role."""
    give(session, held_by(session, f"{name}'s role"), permissions)


def asking(browser: Browser, template: str) -> int:
    """Ask an address with GET; where there is none to GET, the methods it has."""
    return browser.get(address(template)).status_code


def test_one_permission_opens_what_needs_it_and_nothing_else(
    app: Wsgi, site: Site, poser: Writer
) -> None:
    poser(add_person, "pat")
    pat = Browser(app)
    assert pat.sign_in("pat").status_code == 303
    by_need: dict[str, list[str]] = {}
    for template, need in routes(site).items():
        if isinstance(need, Permission):
            by_need.setdefault(need.name, []).append(template)
    names = sorted(by_need)
    assert len(names) > 100
    for at, name in enumerate(names):
        # What is taken away as a file must be seen first.
        seen = name.replace(".export", ".view")
        poser(have, "pat", *{name, seen})
        opened = {template: asking(pat, template) for template in by_need[name]}
        assert 403 not in opened.values(), opened
        for other in (names[at - 1], names[(at + 1) % len(names)], names[at - len(names) // 2]):
            if other not in {name, seen}:
                closed = {template: asking(pat, template) for template in by_need[other][:4]}
                assert set(closed.values()) == {403}, (name, closed)


def test_nobody_is_served_without_what_an_address_needs(
    app: Wsgi, site: Site, poser: Writer
) -> None:
    poser(add_person, "kim")
    kim, stranger = Browser(app), Browser(app)
    assert kim.sign_in("kim").status_code == 303
    for template, need in routes(site).items():
        if isinstance(need, Permission):
            assert asking(kim, template) == 403, template
            expected = 401 if template.startswith(API) else 303
            assert asking(stranger, template) == expected, template


def held_by(session: Session, name: str) -> UUID:
    return session.scalars(select(UserRole.id).where(UserRole.name == name)).one()


def give(session: Session, role: UUID, permissions: Iterable[str]) -> None:
    """Let a user role have just these permissions."""
    session.execute(delete(UserRolePermission).where(UserRolePermission.user_role_id == role))
    session.add_all(UserRolePermission(user_role_id=role, permission=each) for each in permissions)


def check(browser: Browser, template: str, need: Need, has: Collection[str]) -> None:
    """Ask an address by GET, and by POST without token, which who may is told to bring."""
    may = need is Anyone.PUBLIC or (isinstance(need, Permission) and need.name in has)
    may = may or (need is Anyone.SIGNED_IN and bool(browser.cookies))
    got = browser.get(address(template))
    if may:
        assert got.status_code in {200, 204, 303, 400, 404, 405}, (template, got.status_code)
        assert "/sign-in?" not in got.headers.get("location", ""), template
    else:
        _is_refused(browser, got, template, need)
    sent = browser.post(address(template), {"name": "x"})
    if template.startswith(API):  # a cookie writes nothing there
        assert sent.status_code in {401, 403}, (template, sent.status_code)
    elif may:
        assert (sent.status_code, "too old" in browser.text) == (403, True), template
    else:
        _is_refused(browser, sent, template, need)


def _is_refused(browser: Browser, answer: Result, template: str, need: Need) -> None:
    """See that a user is told what is missing, and a stranger sent to the door."""
    if not browser.cookies:
        expected = 401 if template.startswith(API) else 303
        assert answer.status_code == expected, (template, answer.status_code)
        return
    assert answer.status_code == 403, (template, answer.status_code)
    assert isinstance(need, Permission), template
    assert need.name in unescape(answer.text), template


def test_each_group_of_permissions_opens_its_own_pages_only(
    app: Wsgi, site: Site, poser: Writer
) -> None:
    poser(add_person, "pat")
    pat = Browser(app)
    assert pat.sign_in("pat").status_code == 303
    groups: dict[str, dict[str, Permission]] = {}
    for template, need in routes(site).items():
        if isinstance(need, Permission):
            groups.setdefault(need.name.partition(".")[0], {})[template] = need
    everything = [pair for group in groups.values() for pair in group.items()]
    assert len(groups) > 30
    role = poser(held_by, "pat's role")
    for number, own in enumerate(groups.values()):
        has = {need.name for need in own.values()}
        poser(give, role, has)
        for template, need in (*own.items(), *everything[number % 97 :: 97]):
            check(pat, template, need, has)


@pytest.mark.parametrize("name", ["Signed in", "Anyone", "none", "of hosts", "Administrators"])
def test_each_user_role_that_there_always_is_opens_what_it_says(
    app: Wsgi, site: Site, poser: Writer, name: str
) -> None:
    """A role of another kind of node opens nothing here; Anyone opens to strangers, too."""
    poser(add_person, "kim")
    kim, stranger = Browser(app), Browser(app)
    assert kim.sign_in("kim").status_code == 303
    every = {need.name for need in routes(site).values() if isinstance(need, Permission)}
    some = {each for each in every if each.startswith(("products.", "vendors."))}
    kims: set[str] = set()

    def make(session: Session) -> None:
        if name == "of hosts":
            role = session.get_one(UserRole, held_by(session, "kim's role"))
            role.node_kind, role.is_administrator = "host", True
            give(session, role.id, every)
        elif name == "Administrators":
            kim_ = session.scalars(select(User).where(User.name == "kim")).one()
            kim_.user_roles.append(session.get_one(UserRole, held_by(session, name)))
        elif name != "none":
            give(session, held_by(session, name), some)

    poser(make)
    kims = {"Administrators": every, "Signed in": some, "Anyone": some}.get(name, kims)
    some_others = set(list(routes(site))[::5])
    for template, need in routes(site).items():
        opens = isinstance(need, Permission) and need.name in some
        if not (opens or name in {"none", "of hosts"} or template in some_others):
            continue
        check(kim, template, need, kims)
        if name in {"Anyone", "none"} and need is not Anyone.PUBLIC:
            stranger.cookies.clear()
            check(stranger, template, need, some if name == "Anyone" else set())


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_no_way_in(app: Wsgi, site: Site, method: str) -> None:
    stranger = Browser(app)
    for template, need in routes(site).items():
        status = stranger._ask(method, address(template)).status_code
        closed = {303, 400, 401, 403, 405, 411}
        assert status in (closed | {200} if need is Anyone.PUBLIC else closed), (template, status)


@pytest.fixture
def forms(site: Site, app: Wsgi) -> list[str]:  # noqa: ARG001 - makes the pages
    """List every address that takes something."""
    found = [route.path for route in find_pages(site).routes if hasattr(route.page, "on_post")]
    assert len(found) > 100
    return found


def test_no_address_takes_a_form_from_elsewhere_or_without_token(
    admin: Browser, forms: list[str], poser: Writer
) -> None:
    before = poser(contents)
    for template in forms:
        expected = 401 if template.startswith(API) else 403
        for headers in (None, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            sent = admin.post(address(template), {"name": "x", "do": "x"}, headers=headers)
            assert sent.status_code == expected, (template, headers)
    assert poser(contents) == before


def contents(session: Session) -> dict[str, int]:
    """Count the rows of every table but for what a request may note."""
    tables = session.execute(
        text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    ).scalars()
    return {
        table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
        for table in tables
    }


@pytest.fixture
def stores(poser: Writer) -> dict[str, UUID]:
    """Make two stores, and kim who has every right and the second store only."""

    def make(session: Session) -> dict[str, UUID]:
        made = {n: add_row(session, table_of(Store), number=n, name=f"Store {n}") for n in "12"}
        kim = add_person(session, "kim")
        kim.is_limited_to_stores = True
        session.add(UserStore(user_id=kim.id, store_id=made["2"]))
        return made

    return poser(make)


def table_of(model: type) -> Table:
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table


def add_for(session: Session, resource: Resource, store: UUID) -> UUID:
    """Add a row of a resource that belongs to a store, over whatever references lead there."""
    if resource.table is table_of(StockLevel):  # the ledger alone writes those
        add_row(session, table_of(StockMovement), store_id=store)
        return session.scalars(select(StockLevel.id).where(StockLevel.store_id == store)).one()

    def add(table: Table, path: list[str]) -> UUID:
        if len(path) == 1:
            return add_row(session, table, **{path[0]: store})
        (reference,) = table.c[path[0]].foreign_keys
        return add_row(session, table, **{path[0]: add(reference.column.table, path[1:])})

    return add(resource.table, resource.store.split("."))


def content_of(session: Session, table: Table, key: UUID) -> str:
    """Read a whole row as text."""
    row = f"SELECT to_jsonb(t)::text FROM {table.name} t WHERE id = :key"  # noqa: S608
    return str(session.execute(text(row), {"key": key}).scalar_one())


def test_staff_of_another_store_find_nothing_of_this_one(
    app: Wsgi, site: Site, poser: Writer, stores: dict[str, UUID]
) -> None:
    scoped = [each for each in site.resources.values() if each.store]
    assert len(scoped) >= 10
    names = {need.name for need in routes(site).values() if isinstance(need, Permission)}
    poser(have, "kim", *sorted(names))
    kim = Browser(app)
    assert kim.sign_in("kim").status_code == 303
    asked = 0
    for resource in scoped:
        mine = poser(add_for, resource, stores["2"])
        theirs = poser(add_for, resource, stores["1"])
        before = poser(content_of, resource.table, theirs)
        below = [each for each in routes(site) if each.startswith(f"{resource.path}/{{key:uuid}}")]
        assert kim.get(f"{resource.path}/{mine}").status_code == 200, resource.path
        for template in below:
            status = kim.get(address(template, theirs)).status_code
            assert status in {404, 405}, (template, status)
            kim.get("/")
            sent = kim.post(address(template, theirs), {"csrf": kim.token(), "name": "x"})
            assert sent.status_code in {404, 405}, (template, sent.status_code)
            asked += 1
        assert poser(content_of, resource.table, theirs) == before
        kim.get(resource.path)
        assert str(mine) in kim.text, resource.path
        assert str(theirs) not in kim.text, resource.path
        there = kim.get(f"{API}v1{resource.path}/{theirs}").status_code
        assert there == 404, resource.path
    assert asked > 50
