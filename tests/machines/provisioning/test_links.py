# SPDX-License-Identifier: Apache-2.0
"""The door of the hub, with a real nginx and a real hub: who gets in, and who no more."""

import shlex
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import roles
from control import ca, machines, revocation
from control.inventory import Machine
from control.kit import Blobs
from poser.machine.resources.file import File
from roles.paper import paper
from roles.parts.sites import HUB_PORT, REVOKED
from roles.values import Peer
from tests.support.browser import Browser
from tests.support.shop import Shop

if TYPE_CHECKING:
    from control.verify import Checked

HOST, STORE = "links", "store-8"
_ASKED = "select epoch, (select coalesce(max(pos), 0) from datasync_changes) from datasync_node"
WHERE = f"cd / && runuser -u postgres -- psql -XAtqd poser -c '{_ASKED}'"
"""Answers the epoch of a node's queue and its end, with | between them."""
NAME = "X-Poser-Node"
IN_STEP = "products that are changed on the host are so here"
WITHIN_S = 60

NO_EPOCH = "00000000-0000-0000-0000-000000000000"
OK, BAD, FORBIDDEN = 200, 400, 403

Ask = Callable[..., int]
Context = Callable[[str], ssl.SSLContext]


@pytest.fixture(scope="module")
def address(shop: Shop, built: str) -> Iterator[str]:
    """Make a host out of a store, with two peers that it knows."""
    machine = shop.clone(built, HOST)
    peers = tuple(Peer(name=f"store-{n}", role="store", address="", stores=(n,)) for n in "89")
    revoked = revocation.revoked_pem(shop.secrets)
    shop.converge(HOST, lambda role: role, role="host", peers=peers, revoked_pem=revoked)
    yield machine.address
    shop.lab.down([HOST])


@pytest.fixture(scope="module")
def store(shop: Shop, built: str, address: str) -> Iterator[Machine]:
    """Make a store that dials the host."""
    machine = shop.clone(built, STORE)
    shop.converge(STORE, lambda role: role, **of_store(shop, address))
    yield machine
    shop.lab.down([STORE])


def of_store(shop: Shop, address: str) -> dict[str, object]:
    """Return what the store has from an inventory with a host."""
    return {
        "peers": (Peer(name=HOST, role="host", address=address),),
        "stores": ("8",),
        "node_pem": ca.node_certificate(shop.secrets, STORE).certificate_pem,
    }


@pytest.fixture
def context(shop: Shop, tmp_path: Path) -> Context:
    """Return what makes the TLS of a client with a certificate and its key."""

    def make(pem: str) -> ssl.SSLContext:
        made = ssl.create_default_context(cadata=ca.authority_pem(shop.secrets))
        if pem:
            (tmp_path / "own.pem").write_text(pem)
            made.load_cert_chain(tmp_path / "own.pem")
        return made

    return make


@pytest.fixture
def ask(shop: Shop, address: str, context: Context) -> Ask:
    """Return what asks the hub for changes with a certificate, and answers the status."""
    epoch, end = shop.run(HOST, WHERE).strip().split("|")

    def make(pem: str, *, claims: str = "") -> int:
        line = HTTPSConnection(address, HUB_PORT, timeout=90, context=context(pem))
        headers = {NAME: claims} if claims else {}
        try:
            line.request("GET", f"/datasync/changes?after={end}&epoch={epoch}", None, headers)
            return line.getresponse().status
        finally:
            line.close()

    return make


def of_node(shop: Shop, name: str, *, anew: bool = False) -> str:
    made = ca.node_certificate(shop.secrets, name, anew=anew)
    return made.certificate_pem + made.key_pem.reveal()


def sql(shop: Shop, name: str, statement: str) -> str:
    """Run a statement on a node as the programs of the node do; returns what it answers."""
    psql = f"runuser -u poser -- psql -XAtqd poser -c {shlex.quote(statement)}"
    return shop.run(name, f"cd / && {psql}").strip()


def revoke(shop: Shop, pem: str) -> None:
    """Revoke a certificate and bring the list to the host, as `fab certificates revoke` does."""
    revocation.revoke(shop.secrets, "store-8", pem, datetime.now(UTC))
    role = roles.build(paper("host"))
    nginx = next(one for one in role.resources if one.key == "service nginx.service")
    listed = File(path=REVOKED, content=revocation.revoked_pem(shop.secrets))
    with shop.connected(HOST) as connection:
        done = machines.converge(
            connection,
            shop.machine(HOST),
            machines.amend_job([listed, nginx]),
            Blobs(),
            lambda _: None,
            confirm=lambda: None,
        )
    assert [one["key"] for one in done.changed] == [listed.key, nginx.key]


def goes_on(line: HTTPSConnection) -> bool:
    """Ask again on a connection that is open; tell whether it still answers."""
    if line.sock is None:
        return False
    try:
        line.request("GET", "/datasync/changes?after=0&epoch=" + NO_EPOCH)
        line.getresponse().read()
    except (OSError, HTTPException):
        return False
    return True


def test_a_node_gets_in_under_the_name_in_its_certificate_alone(shop: Shop, ask: Ask) -> None:
    assert ask(of_node(shop, "store-8")) == OK
    stranger = of_node(shop, "store-7")
    assert ask(stranger) == FORBIDDEN
    assert ask(stranger, claims="store-8") == FORBIDDEN, "what a node calls itself is believed"


def test_nobody_else_gets_in(shop: Shop, ask: Ask) -> None:
    server = ca.server_certificate(shop.secrets, "store-8", ("store-8",))
    assert ask("") == BAD
    assert ask(server.certificate_pem + server.key_pem.reveal()) == BAD
    assert ask(ca.person_certificate(shop.secrets, "store-8")) == FORBIDDEN


def test_who_is_revoked_is_out_within_a_minute_and_in_again_with_a_new_one(
    shop: Shop, address: str, ask: Ask, context: Context
) -> None:
    """Also out are a line that was open before, and a TLS session that would go on."""
    pem = of_node(shop, "store-8")
    tls = context(pem)
    line = HTTPSConnection(address, HUB_PORT, timeout=90, context=tls)
    line.connect()
    assert goes_on(line)
    assert isinstance(line.sock, ssl.SSLSocket)
    session = line.sock.session
    began = time.monotonic()
    revoke(shop, pem)
    while goes_on(line):
        assert time.monotonic() - began < WITHIN_S, "an open line goes on"
        time.sleep(0.2)
    line.close()
    while ask(pem) != BAD:
        assert time.monotonic() - began < WITHIN_S, "a new line is let in"
        time.sleep(0.2)
    plain = socket.create_connection((address, HUB_PORT), timeout=10)
    with plain, tls.wrap_socket(plain, server_hostname=address, session=session) as resumed:
        assert not resumed.session_reused
    assert time.monotonic() - began < WITHIN_S
    assert ask(of_node(shop, "store-8", anew=True)) == OK


def test_a_product_changed_on_the_host_shows_in_the_web_app_of_the_store(
    shop: Shop, store: Machine
) -> None:
    product = sql(shop, HOST, "select id from products where gtin is not null order by id limit 1")
    name = f"Changed at {time.time_ns()}"
    began = time.monotonic()
    sql(shop, HOST, f"update products set description = '{name}' where id = '{product}'")  # noqa: S608
    asked = f"select count(*) from products where id = '{product}' and description = '{name}'"  # noqa: S608
    while sql(shop, STORE, asked) != "1":
        assert time.monotonic() - began < WITHIN_S, "the change does not come"
        time.sleep(0.2)
    browser = Browser(store.address, ca.authority_pem(shop.secrets))
    door = browser.get("/")
    password = shop.secrets.of_machine("store-1")["admin-password"].reveal()
    home = browser.submit(door, door.form_with("password"), name="admin", password=password)
    assert not any("password" in form.fields for form in home.forms), "the sign-in was refused"
    assert name in browser.get(f"/products/{product}").text


@pytest.mark.usefixtures("store")
def test_a_store_that_is_out_of_step_does_not_keep_its_promise(shop: Shop, address: str) -> None:
    """Products are otherwise, and datasync was not told."""
    kept = in_step(shop, address)
    assert [one.passed for one in kept] == [True, True], kept
    spoil = "update products set description = 'Spoilt' where gtin is not null; {}"
    sql(shop, STORE, spoil.format("delete from capture"))
    broken = [one for one in in_step(shop, address) if not one.passed]
    assert len(broken) == 1, broken
    assert "products" in broken[0].seen


def in_step(shop: Shop, address: str) -> "list[Checked]":
    """Hold the store to its promises; return the checks of the one about being in step."""
    from control.verify import verify  # noqa: PLC0415 - loads testinfra only for this test

    found: list[Checked] = []
    made = shop.host(STORE, **of_store(shop, address))
    with shop.connected(STORE) as connection:
        machine = shop.machine(STORE)
        verify(machine, connection, roles.build(made), made, hear=found.append)
    return [one for one in found if one.promise == IN_STEP]
