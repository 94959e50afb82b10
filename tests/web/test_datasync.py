# SPDX-License-Identifier: Apache-2.0
"""The page of other nodes: what it shows to whom, and what its buttons do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from poser.ids import uuid7
from poser.model import (
    Customer,
    DatasyncConflict,
    DatasyncParked,
    DatasyncPeer,
    PushedSystem,
    WatchedChange,
    WatchedSystem,
)
from tests.web.conftest import Browser, Clock, Writer
from tests.web.factories import add_person
from tests.web.filling import press
from tests.web.test_alerts import UP, bell, systemd
from tests.web.test_api import Program, token
from web.app import Wsgi
from web.site import Site

pytestmark = pytest.mark.postgresql
NOW = datetime.now(UTC)
KIM = "01a00000-0000-7000-8000-00000000000a"


def add_peer(session: Session, name: str, **values: object) -> None:
    given = {"kind": "store", "seen_at": NOW, **values}
    session.execute(insert(DatasyncPeer).values(name=name, **given))


def add_parked(session: Session, **values: object) -> UUID:
    given = {
        "peer": "store-1",
        "table_name": "customers",
        "key": UUID(KIM),
        "changed_at": NOW,
        "first_pos": 1,
        "last_pos": 2,
        "tries": 3,
        "next_try_at": NOW + timedelta(minutes=5),
        "error": "there is one already with number 7",
        "data": {"id": KIM, "name": "Kim"},
        **values,
    }
    made = insert(DatasyncParked).values(given).returning(DatasyncParked.id)
    return session.execute(made).scalar_one()


def add_conflict(session: Session, **values: object) -> UUID:
    """Let head office and store 1 change Kim at once."""
    if session.get(Customer, UUID(KIM)) is None:
        session.add(Customer(id=UUID(KIM), number="10", name="Kim Host"))
        session.flush()
    ours = "SELECT to_jsonb(c) - 'search' FROM customers AS c WHERE id = :id"
    row = session.execute(text(ours), {"id": KIM}).scalar_one()
    given = {
        "peer": "store-1",
        "table_name": "customers",
        "key": UUID(KIM),
        "ours": row,
        "theirs": {**row, "number": "20", "name": "Kim Store"},
        "result": row,
        "fields": ["name", "number"],
        "decided_by": "review",
        "is_open": True,
        **values,
    }
    made = insert(DatasyncConflict).values(given).returning(DatasyncConflict.id)
    return session.execute(made).scalar_one()


def add_systems(session: Session) -> None:
    """Let a wholesaler be watched, one that is down, and a label printer be kept up to date."""
    session.execute(insert(WatchedSystem).values(name="wholesaler", looked_at=NOW))
    down = {"failed_at": NOW - timedelta(hours=1), "note": "nobody answers at 192.0.2.7"}
    session.execute(insert(WatchedSystem).values(name="scales", **down))
    session.execute(insert(PushedSystem).values(name="labels", is_paused=True, note="no paper"))


def add_refused(session: Session, **values: object) -> UUID:
    given = {
        "watched": "wholesaler",
        "model": "Product",
        "key": '["4011"]',
        "tries": 8,
        "next_try_at": None,
        "error": "the barcode has a wrong check digit",
        **values,
    }
    made = insert(WatchedChange).values(given).returning(WatchedChange.id)
    return session.execute(made).scalar_one()


def kim(session: Session) -> str:
    return str(session.execute(text("SELECT number || ' ' || name FROM customers")).scalar())


def some(app: Wsgi, poser: Writer, *permissions: str) -> Browser:
    poser(add_person, "cleo", *permissions)
    browser = Browser(app)
    assert browser.sign_in("cleo").status_code == 303
    return browser


def test_a_node_alone_says_so(admin: Browser) -> None:
    admin.get("/datasync")
    assert "it stands alone" in admin.text
    assert "No record was changed on two nodes at once." in admin.text


def test_each_node_has_its_state(admin: Browser, poser: Writer) -> None:
    poser(add_peer, "store-1")
    admin.get("/datasync")
    assert "All nodes are in step." in admin.text
    poser(add_peer, "store-2", seen_at=NOW - timedelta(minutes=20))
    poser(add_peer, "store-3", state="held", note="its release is two steps away")
    poser(add_peer, "store-4", state="paused", note="the line is repaired", seen_at=None)
    poser(add_peer, "cloud-1", kind="cloud", dropped=["customers.colour"])
    poser(
        lambda s: (
            s.execute(
                text(
                    "INSERT INTO datasync_changes (pos, batch, at, table_name, key, origin)"
                    " VALUES (7, 7, now() - interval '3 hours', 'brands', :key, 'store-1')"
                ),
                {"key": str(uuid7())},
            )
            and None
        )
    )
    admin.get("/datasync")
    assert "Somebody has to look at: store-2, store-3" in admin.text
    rows = {row.partition("<bdi>")[2].partition("<")[0]: row for row in admin.text.split("<tr ")}
    words = {
        "store-1": "in step",
        "store-2": "silent",
        "store-3": "its release is two steps away",
        "store-4": "paused",
        "cloud-1": "not taken: customers.colour",
    }
    for name, word in words.items():
        assert word in rows[name], name
    assert ">3 h<" in rows["cloud-1"]
    assert ">3 h<" not in rows["store-1"], "what it sent does not go back to it"


def test_what_waits_is_tried_again_or_given_up_with_a_reason(admin: Browser, poser: Writer) -> None:
    poser(add_peer, "store-1")
    soon, dead = poser(add_parked), poser(add_parked, key=uuid7(), tries=8, next_try_at=None)
    admin.get("/datasync")
    assert admin.text.count("there is one already with number 7") == 2
    assert f'href="/customers/{KIM}">customer <bdi>Kim</bdi></a>' in admin.text
    assert "asks for you" in admin.text
    assert press(admin, f"/datasync/waiting/{dead}", do="retry") == 303
    due = select(DatasyncParked.next_try_at, DatasyncParked.tries).where(DatasyncParked.id == dead)
    at, tries = poser(lambda s: s.execute(due).one())
    assert at is not None
    assert tries == 1
    assert press(admin, f"/datasync/waiting/{soon}", do="drop") == 400
    assert press(admin, f"/datasync/waiting/{soon}", do="drop", why="a second Kim") == 303
    assert poser(lambda s: s.get(DatasyncParked, soon)) is None
    assert press(admin, f"/datasync/waiting/{soon}", do="drop", why="once more") == 409
    assert press(admin, f"/datasync/waiting/{soon}", do="retry") == 404
    assert press(admin, "/datasync/retry") == 303
    admin.get("/datasync")
    assert "given up: a second Kim (ada)" in admin.text


def test_other_systems_have_their_state_and_what_was_refused(admin: Browser, poser: Writer) -> None:
    admin.get("/datasync")
    assert "Other systems" not in admin.text
    poser(add_systems)
    dead = poser(add_refused)
    admin.get("/datasync")
    rows = {
        name: next(row for row in admin.text.split("<tr") if f"<bdi>{name}</bdi>" in row)
        for name in ("wholesaler", "scales", "labels")
    }
    assert "asks for you" in rows["wholesaler"]
    assert "fails" in rows["scales"]
    assert "nobody answers at 192.0.2.7" in rows["scales"]
    assert "paused" in rows["labels"]
    assert "kept up to date from here" in rows["labels"]
    assert "the barcode has a wrong check digit" in admin.text
    assert press(admin, f"/datasync/waiting/{dead}", do="retry") == 303
    due = select(WatchedChange.next_try_at).where(WatchedChange.id == dead)
    assert poser(lambda s: s.execute(due).scalar()) is not None
    assert press(admin, f"/datasync/waiting/{dead}", do="drop", why="not sold any more") == 303
    assert poser(lambda s: s.get(WatchedChange, dead)) is None
    admin.get("/datasync")
    assert "Given up, until it changes there once more." in admin.text


@pytest.mark.parametrize(
    ("pressed", "becomes"),
    [
        ({"do": "theirs"}, "20 Kim Store"),
        ({"do": "ours"}, "10 Kim Host"),
        ({"do": "fields", "take.number": "theirs", "take.name": "ours"}, "20 Kim Host"),
    ],
)
def test_a_person_settles_a_conflict(
    admin: Browser, poser: Writer, pressed: dict[str, str], becomes: str
) -> None:
    key = poser(add_conflict)
    admin.get("/datasync")
    for word in ("Kim Host", "Kim Store", "Settle as chosen", 'name="take.number"'):
        assert word in admin.text
    assert press(admin, f"/datasync/conflicts/{key}", do="nothing") == 400
    assert press(admin, f"/datasync/conflicts/{key}", **pressed) == 303
    assert poser(kim) == becomes
    admin.get("/datasync")
    assert "Settle as chosen" not in admin.text
    assert ">ada<" in admin.text
    assert press(admin, f"/datasync/conflicts/{key}", do="theirs") == 409
    assert poser(kim) == becomes


def test_a_deleted_row_is_brought_back_or_deleted(admin: Browser, poser: Writer) -> None:
    poser(add_conflict, theirs=None, fields=["id"])
    admin.get("/datasync")
    assert "It was deleted on store-1 and changed here." in " ".join(
        admin.text.replace("<bdi>", "").replace("</bdi>", "").split()
    )
    assert "Delete it here, too" in admin.text


def test_many_conflicts_become_a_batch(admin: Browser, app: Wsgi, poser: Writer) -> None:
    poser(add_conflict)
    admin.get("/datasync")
    assert "as a batch" not in admin.text
    poser(add_conflict, key=uuid7(), theirs=None, fields=["id"])
    admin.get("/datasync")
    made = admin.post("/datasync/review", {"csrf": admin.token()})
    assert made.status_code == 303
    admin.get(f"{made.headers['location']}?show=all")
    for words in ("Kim Host", "Kim Store", "was changed here and there", "Do 2."):
        assert words in admin.text
    pat = Browser(app)
    poser(add_person, "pat", "batches.view")
    assert pat.sign_in("pat").status_code == 303
    pat.get(f"{made.headers['location']}?show=all")
    assert "was changed here and there" in pat.text
    assert "Kim" not in pat.text, "who may not see customers does not see them in a batch"


def test_a_conflict_is_for_who_may_see_and_change_the_record(app: Wsgi, poser: Writer) -> None:
    key = poser(add_conflict)
    cleo = some(app, poser, "datasync.view", "datasync.edit")
    cleo.get("/datasync")
    assert "Kim" not in cleo.text
    assert "Settle as chosen" not in cleo.text
    assert press(cleo, f"/datasync/conflicts/{key}", do="theirs") == 403
    assert poser(kim) == "10 Kim Host"


def test_seeing_is_not_doing(app: Wsgi, poser: Writer) -> None:
    key, waits = poser(add_conflict), poser(add_parked)
    cleo = some(app, poser, "datasync.view", "customers.view", "customers.edit")
    cleo.get("/datasync")
    assert "Kim Store" in cleo.text
    assert "Settle as chosen" not in cleo.text
    assert "Try again now" not in cleo.text
    assert press(cleo, f"/datasync/conflicts/{key}", do="theirs") == 403
    assert press(cleo, f"/datasync/waiting/{waits}", do="retry") == 403


def test_nobody_sees_a_secret_in_a_conflict(admin: Browser, poser: Writer) -> None:
    theirs = {"id": KIM, "name": "kim", "full_name": "Kim Kay", "password_hash": "argon-secret"}
    values = {"table_name": "users", "ours": {**theirs, "full_name": "K", "password_hash": "x"}}
    decided = "the host alone may change it"
    fields = ["full_name", "password_hash"]
    poser(add_conflict, theirs=theirs, decided_by=decided, fields=fields, is_open=False, **values)
    admin.get("/datasync")
    assert "Kim Kay" in admin.text
    assert "put back: only head office changes it" in admin.text
    assert "argon-secret" not in admin.text


def test_the_bell_rings_for_what_asks_for_a_person(admin: Browser, poser: Writer) -> None:
    poser(add_peer, "store-1")
    poser(add_parked)
    admin.get("/alerts")
    assert bell(admin) == ""
    poser(add_parked, key=uuid7(), next_try_at=None, error="number 7 is taken")
    poser(add_peer, "store-2", seen_at=NOW - timedelta(minutes=11))
    poser(add_conflict)
    poser(add_systems)
    poser(add_refused)
    admin.get("/alerts")
    assert bell(admin) == "5"
    for words in (
        "wholesaler: a change was refused again and again (Product)",
        "scales fails again and again",
        "nobody answers at 192.0.2.7",
        "store-1: a change was refused again and again (customer)",
        "number 7 is taken",
        "store-2 does not answer",
        "store-1: a conflict waits for a person (customer)",
    ):
        assert words in admin.text


def test_the_node_page_says_how_far_others_are(admin: Browser, site: Site, poser: Writer) -> None:
    systemd(site, UP.format("poser-datasync.service", "active", "running"))
    poser(add_peer, "store-1")
    admin.get("/node")
    assert "In step: 1" in admin.text
    late = "INSERT INTO datasync_changes (pos, batch, at, table_name, key)"
    late += " VALUES (7, 7, now() - interval '5 minutes', 'brands', gen_random_uuid())"
    poser(lambda s: s.execute(text(late)) and None)
    admin.get("/node")
    assert "Behind: 1 of 1, store-1 by 5 min" in admin.text


def test_monitoring_reads_figures_with_a_token(app: Wsgi, poser: Writer, clock: Clock) -> None:
    poser(add_peer, "store-1")
    poser(add_peer, "store-2", state="held", seen_at=None)
    poser(add_parked)
    poser(add_parked, key=uuid7(), next_try_at=None)
    poser(add_person, "cleo", "datasync.view")
    poser(add_person, "nobody")
    path = "/api/datasync/metrics"
    result = Program(app, token(poser, clock, "cleo")).ask("GET", path)
    assert result.headers["content-type"].startswith("application/openmetrics-text; version=1.0")
    found = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(result.text)
        for one in family.samples
    }
    assert found["poser_datasync_parked_changes", "store-1"] == 1
    assert found["poser_datasync_dead_changes", "store-1"] == 1
    assert found["poser_datasync_peer_state", "store-2", "held"] == 1
    assert found["poser_datasync_peer_state", "store-2", "active"] == 0
    assert ("poser_datasync_seen_timestamp_seconds", "store-2") not in found
    assert found["poser_datasync_seen_timestamp_seconds", "store-1"] == pytest.approx(
        NOW.timestamp(), abs=1
    )
    assert ("poser_datasync_captured_changes",) in found
    assert Program(app, token(poser, clock, "nobody")).ask("GET", path).status_code == 403
    assert Program(app, "").ask("GET", path).status_code == 401
