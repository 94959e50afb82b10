# SPDX-License-Identifier: Apache-2.0
"""A store whose head office keeps the catalogue: it is shown, and no way leads to changing it."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from poser.config import load
from poser.model import User, UserRole
from poser.model.syncing import Flow
from tests.web.conftest import Browser, Clock, Writer, make_site
from tests.web.factories import PASSWORD, add_person
from tests.web.filling import fields_of, press, send
from tests.web.rows import add_row
from tests.web.test_api import Program, token
from web.app import Wsgi, create_app
from web.rendering import Templates
from web.resources import Resource, Verb
from web.site import Site

pytestmark = pytest.mark.postgresql
WORDS = "kept at head office"


@pytest.fixture
def site(engines: dict[str, Engine], clock: Clock, compiled: Templates) -> Site:
    """Make the site of a store that has a host."""
    said = {
        "POSER_DATASYNC_NODE": "store-1",
        "POSER_DATASYNC_KIND": "store",
        "POSER_DATASYNC_HOST_URL": "https://host-1:8444",
    }
    return replace(make_site(engines, clock, compiled), config=load([], environment=said))


def kept(site: Site) -> Iterator[Resource]:
    """Give every resource whose rows only the host changes."""
    for each in site.resources.values():
        sync = each.table.info.get("sync")
        if sync is not None and sync.flow is Flow.DOWN and not sync.has_own_rows:
            yield each


def test_no_page_offers_to_change_what_head_office_keeps(
    admin: Browser, site: Site, poser: Writer
) -> None:
    tables = list(kept(site))
    assert len(tables) > 20
    for each in tables:
        if not each.can & {Verb.CREATE, Verb.EDIT}:
            continue
        key = poser(add_row, each.table)
        grid = admin.get(each.path)
        assert grid.status_code == 200
        assert WORDS in admin.text, each.path
        assert f'href="{each.path}/new"' not in admin.text
        assert 'id="chosen"' not in admin.text
        assert 'data-edit="yes"' not in admin.text
        record = admin.get(each.record_path(key))
        assert record.status_code == 200
        assert WORDS in admin.text, each.path
        for way in ("edit", "copy", "merge", "delete", "touch"):
            assert f"{each.record_path(key)}/{way}" not in admin.text, (each.path, way)


def test_who_asks_for_it_is_told_where_it_can_be_done(
    admin: Browser, app: Wsgi, site: Site, poser: Writer, clock: Clock
) -> None:
    program = Program(app, token(poser, clock, "ada"))
    for each in kept(site):
        if Verb.EDIT not in each.can:
            continue
        key = poser(add_row, each.table)
        before = poser(_row, each.table.name, key)
        one = each.record_path(key)
        ways = [f"{each.path}/new", f"{each.path}/change", f"{each.path}/delete"]
        ways += [f"{one}/{way}" for way in ("edit", "copy", "delete", "touch")]
        ways += [f"{each.path}/deleted/{key}"] if each.has_history else []
        admin.get("/")
        csrf = admin.token()
        for way in ways:
            answer = admin.post(way, {"csrf": csrf, "name": "x"})
            assert (answer.status_code, WORDS in admin.text) == (403, True), way
        for method, path in (("POST", each.path), ("PATCH", one), ("DELETE", one)):
            said = program.ask(method, f"/api/v1{path}", {}, If_Match="*")
            assert said.status_code == 403, path
            assert WORDS in said.json["title"], path
        assert poser(_row, each.table.name, key) == before


def test_the_same_is_done_at_head_office_and_on_a_node_that_stands_alone(
    admin: Browser, engines: dict[str, Engine], clock: Clock, compiled: Templates
) -> None:
    assert admin.get("/vendors/new").status_code == 403
    host = {"POSER_DATASYNC_KIND": "host", "POSER_DATASYNC_HOST_URL": "https://host-1:8444"}
    for said in ({}, host):
        plain = make_site(engines, clock, compiled)
        alone = create_app(replace(plain, config=load([], environment=said)))
        assert Browser(alone, dict(admin.cookies)).get("/vendors/new").status_code == 200


def test_users_of_this_node_alone_are_changed_on_it(
    admin: Browser, poser: Writer, app: Wsgi
) -> None:
    poser(add_person, "sam")
    local = send(admin, "/users/new", {"name": "lea", "is_local": "yes"})
    assert local == 303
    refused = send(admin, "/users/new", {"name": "tom"})
    assert refused == 422
    assert WORDS in admin.text
    sam, lea = poser(user_id, "sam"), poser(user_id, "lea")
    assert admin.get(f"/users/{sam}/edit").status_code == 404
    assert send(admin, f"/users/{lea}/edit", {"full_name": "Lea Lind"}) == 303
    # Nor does a user of this node become one of all nodes here, whose password is then known.
    fields = fields_of(admin.get(f"/users/{lea}/edit").text)
    del fields["is_local"]
    assert admin.post(f"/users/{lea}/edit", fields).status_code == 422
    assert poser(lambda s: s.get_one(User, lea).full_name) == "Lea Lind"
    chosen = {"do": "password", "password": "seven green apples"}
    assert press(admin, f"/users/{lea}/access", **chosen) == 303
    assert press(admin, f"/users/{sam}/access", **chosen) == 403
    assert Browser(app).sign_in("sam").status_code == 303
    assert press(admin, f"/users/{sam}/access", do="sessions") == 303


def test_a_user_role_of_all_nodes_is_filled_at_head_office_only(
    admin: Browser, poser: Writer
) -> None:
    poser(add_person, "sam")
    sam = poser(user_id, "sam")

    def make(session: Session) -> list[str]:
        roles = [
            UserRole(name="Till", is_synced=True, syncs_users=True),
            UserRole(name="Shift", is_synced=True),
            UserRole(name="Here"),
        ]
        session.add_all(roles)
        session.flush()
        return [str(one.id) for one in roles]

    till, shift, here = poser(make)
    page = f"/users/{sam}/access"
    assert press(admin, page, do="roles", **{f"role.{till}": "yes"}) == 403
    own = {f"role.{shift}": "yes", f"role.{here}": "yes"}
    assert press(admin, page, do="roles", **own) == 303
    assert poser(names_of_roles, sam) == ["Here", "Shift"]
    poser(give, sam, UUID(till))
    assert press(admin, page, do="roles") == 303
    assert poser(names_of_roles, sam) == ["Till"]
    admin.get(f"/permissions?role={till}&role={here}&q=vendors.view")
    ticked = {f"{till}:vendors.view": "yes", f"{here}:vendors.view": "yes"}
    state = admin.text.partition('name="state" value="')[2].partition('"')[0]
    fields = {"csrf": admin.token(), "state": state, **ticked}
    admin.post(f"/permissions?role={till}&role={here}&q=vendors.view", fields)
    given = "SELECT user_role_id::text FROM user_role_permissions WHERE permission = 'vendors.view'"
    assert poser(lambda s: list(s.scalars(text(given)))) == [here]


def test_ones_own_password_is_changed_where_the_user_is_kept(admin: Browser, poser: Writer) -> None:
    admin.get("/me")
    assert 'name="do" value="password"' not in admin.text
    assert WORDS in admin.text
    new = {"proof": PASSWORD, "password": "seven green apples", "again": "seven green apples"}
    sent = {"csrf": admin.token(), "do": "password", **new}
    assert admin.post("/me", sent).status_code == 403
    poser(lambda s: s.execute(text("UPDATE users SET is_local = true")))
    assert admin.post("/me", sent).status_code == 303


def test_people_are_not_merged_over_what_head_office_keeps(
    admin: Browser, site: Site, poser: Writer
) -> None:
    people, employees = site.resources["people"], site.resources["employees"]
    keep, gone = poser(add_row, people.table), poser(add_row, people.table)
    merge = {"with": str(gone), "seen": "yes"}
    poser(add_row, employees.table, person_id=gone)
    assert press(admin, f"/people/{keep}/merge", **merge) == 409
    assert WORDS in admin.text
    poser(lambda s: s.execute(text("DELETE FROM employees")))
    assert press(admin, f"/people/{keep}/merge", **merge) == 303


def give(session: Session, key: UUID, role: UUID) -> None:
    user = session.get_one(User, key)
    user.user_roles.append(session.get_one(UserRole, role))


def user_id(session: Session, name: str) -> UUID:
    return session.scalars(select(User.id).where(User.name == name)).one()


def names_of_roles(session: Session, key: UUID) -> list[str]:
    user = session.get_one(User, key)
    return sorted(one.name for one in user.user_roles if not one.name.endswith("role"))


def _row(session: Session, table: str, key: UUID) -> object:
    asked = text(f"SELECT to_jsonb(t) FROM {table} AS t WHERE id = :key")  # noqa: S608 - ours
    return session.execute(asked, {"key": key}).scalar()
