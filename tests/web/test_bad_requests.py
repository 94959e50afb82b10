# SPDX-License-Identifier: Apache-2.0
"""Requests that no browser sends, to the server as it runs: refused, and others are served."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from threading import Thread
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, text

from poser.db import engine, transaction
from tests.support.postgresql import Server
from tests.web.factories import PASSWORD, add_person, add_product
from tests.web.filling import fields_of
from tests.web.running import Running, running
from web.worker import BODY_S

THREADS = 4  # of one worker
FORM = "application/x-www-form-urlencoded"
ORIGIN = "http://127.0.0.1"


@pytest.fixture(scope="module")
def names(postgresql: Server, templates: dict[str, str]) -> dict[str, str]:
    """Make the databases, with a product and somebody who may do everything."""
    made = {kind: postgresql.create(template) for kind, template in templates.items()}
    connected = engine(postgresql.url(made["poser"]))
    with transaction(connected) as session:
        add_person(session, "ada", admin=True)
        add_product(session, description="Honeycrisp apples")
    connected.dispose()
    return made


@pytest.fixture(scope="module")
def app(
    postgresql: Server, names: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Run the app."""
    urls = {kind: postgresql.url(name) for kind, name in names.items()}
    with running(tmp_path_factory.mktemp("web"), urls) as started:
        yield started


class Person:
    """Somebody who is signed in over a real connection."""

    def __init__(self, app: Running) -> None:
        self.app = app
        self.cookies: dict[str, str] = {}
        self.text = ""
        self.ask("GET", "/sign-in")
        fields = {"csrf": self.token(), "name": "ada", "password": PASSWORD}
        assert self.send("/sign-in", urlencode(fields).encode()) == 303

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = FORM) -> int:
        """Send a request and read the answer."""
        line = HTTPConnection("127.0.0.1", self.app.port, timeout=BODY_S + 15)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            line.putrequest(method, path, skip_accept_encoding=True)
            said = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
            if body is not None:
                said |= {"Content-Type": kind, "Content-Length": str(len(body))}
            for name, value in said.items():
                line.putheader(name, value)
            line.endheaders(body)
            return self._read(line.getresponse())
        finally:
            line.close()

    def send(self, path: str, body: bytes, kind: str = FORM) -> int:
        """Send a form."""
        return self.ask("POST", path, body, kind)

    def fill_in(self, path: str, **changes: str) -> bytes:
        """Open a form, and write it as a browser would send it."""
        assert self.ask("GET", path) == 200
        return urlencode({**fields_of(self.text), **changes}).encode()

    def token(self) -> str:
        """Read the token of the page that is open."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.text)
        assert found, self.text
        return found[1]

    def _read(self, answer: HTTPResponse) -> int:
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.text = answer.read().decode()
        return answer.status


@pytest.fixture(scope="module")
def ada(app: Running) -> Person:
    """Sign in."""
    return Person(app)


def test_a_slow_body_ends_while_others_are_served(app: Running) -> None:
    # One less than a worker has threads, as all may come to the same one. On a node not even
    # these arrive: nginx reads a whole request first.
    lines = [app.connect() for _ in range(THREADS - 1)]
    head = f"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 900\r\n"
    began = time.monotonic()
    for line in lines:
        line.sendall(head.encode() + b"Sec-Fetch-Site: same-origin\r\n\r\n")
    worst = 0.0
    ended: set[int] = set()
    while len(ended) < len(lines) and time.monotonic() - began < BODY_S + 10:
        for number, line in enumerate(lines):
            line.settimeout(0)
            with suppress(BlockingIOError):
                try:
                    line.send(b"a")
                    if number not in ended and line.recv(64).startswith((b"HTTP/1.1 408", b"")):
                        ended.add(number)
                except ConnectionError:
                    ended.add(number)
        asked = time.monotonic()
        assert app.get("/sign-in")[0] == 200
        worst = max(worst, time.monotonic() - asked)
        time.sleep(0.5)
    assert len(ended) == len(lines), "somebody may send for ever"
    assert time.monotonic() - began >= BODY_S - 1, "it is cut off only when it is late"
    assert worst < 3, "pages waited for slow senders"
    for line in lines:
        line.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--",
        b"--edge\r\n",
        b'--edge\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx',
        b'--other\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx\r\n--other--\r\n',
        b"--edge\r\n" + b"X: y\r\n" * 5000 + b"\r\n\r\n--edge--\r\n",
        b'--edge\r\nContent-Disposition: form-data; name="\xff\xfe"\r\n\r\n\xff\r\n--edge--\r\n',
        b"--edge\r\n\r\n\r\n" * 2000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/vendor-sample-files/new", "/vendors/new", "/sign-out"])
def test_a_broken_form_with_files_is_refused(ada: Person, path: str, body: bytes) -> None:
    status = ada.send(path, body, "multipart/form-data; boundary=edge")
    assert status in {400, 403, 408, 415}
    assert "Traceback" not in ada.text
    assert "Reference" in ada.text
    assert ada.ask("GET", "/vendors") == 200, "still signed in"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "x"])
def test_a_form_of_no_kind_is_refused(ada: Person, kind: str) -> None:
    status = ada.send("/vendor-sample-files/new", b"--edge--\r\n", kind)
    assert status in {400, 403, 415}


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/%ff%fe", {400, 404}),
        ("/products/%ff", {400, 404}),
        ("/products/%00", {400, 404}),
        ("/products?q=%ff%fe", {200, 400}),
        ("/products?q=%00", {200, 400}),
        ("/products?q=%ed%a0%80", {200, 400}),
        ("/products?%ff=%fe", {200, 400}),
        ("/products?description.contains=%c0%ae", {200, 400}),
        ("/products?after=%ff%00%ff", {200, 400}),
        ("/find?q=%00%ff", {200, 303, 400}),
        ("/pos-transactions?cashier=%00", {200, 400}),
        ("/vendors/choose?q=%00%ff%ed%a0%80", {200, 400}),
        ("/api/v1/vendors?name.contains=%00", {200, 400}),
        ("/static/%ff.css", {404}),
        ("/products?q=" + "x" * 8000, {400}),
        ("/products?description.contains=" + "x" * 8000, {400}),
        ("/products?description.contains=" + "x" * 10_000, {414}),
        ("/products?sort=" + "description," * 500, {400}),
        ("/products?sort=password_hash", {400}),
        ("/users?sort=password_hash", {400}),
        ("/users?password_hash.contains=a", {400}),
        ("/users?cols=password_hash", {400}),
    ],
)  # fmt: skip
def test_an_odd_address_is_answered_in_words(ada: Person, path: str, statuses: set[int]) -> None:
    assert ada.ask("GET", path) in statuses
    assert "Traceback" not in ada.text
    assert "argon2" not in ada.text


@pytest.mark.parametrize(
    "body",
    [
        "name=Häagen".encode("utf-16"),
        "name=Häagen".encode("latin-1"),
        b"\xff\xfe=\xff",
        b"name=%ff%fe",
        b"name=%ed%a0%80",
        b"%00=%00",
        b"=",
        b"&" * 1000,
        b"=&" * 5000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/vendors/new", "/sign-out", "/sign-in"])
def test_a_form_in_an_odd_encoding_is_refused(ada: Person, path: str, body: bytes) -> None:
    assert ada.send(path, body) in {400, 403}
    assert "Reference" in ada.text
    assert ada.ask("GET", "/vendors") == 200, "still signed in"


def test_signs_that_no_database_takes_are_said_of_the_field(ada: Person) -> None:
    """A surrogate alone is no text; a zero byte is left out, and what stays is the text."""
    filled = ada.fill_in("/vendors/new", number="S1", name="Acme")
    assert ada.send("/vendors/new", filled.replace(b"Acme", b"A%ed%a0%80")) == 400
    assert ada.send("/vendors/new", filled.replace(b"Acme", b"Ac%00me")) == 303
    ada.ask("GET", "/vendors")
    assert "Acme" in ada.text


def test_a_database_that_starts_again_in_the_middle_of_a_request(
    ada: Person, postgresql: Server, names: dict[str, str]
) -> None:
    """What waits for a lock when the server goes away: nothing is half written, 503, then all."""
    filled = ada.fill_in("/vendors/new", number="HALF", name="Half written")
    holder = create_engine(postgresql.owner_url(names["poser"]))
    answers: list[int] = []
    with suppress(Exception), holder.connect() as holding:
        holding.execute(text("LOCK TABLE vendors IN EXCLUSIVE MODE"))
        sender = Thread(target=lambda: answers.append(ada.send("/vendors/new", filled)))
        sender.start()
        _until_waiting(postgresql, names["poser"])
        _allow_connections(postgresql, names["poser"], "false")
        postgresql.end_connections(names["poser"])
        sender.join(30)
    holder.dispose()
    try:
        assert answers == [503]
        assert "The database does not answer" in ada.text
        assert "Nothing was changed" in ada.text
        assert ada.ask("GET", "/vendors") == 503, "still starting"
    finally:
        _allow_connections(postgresql, names["poser"], "true")
    assert ada.ask("GET", "/vendors") == 200, "service again"
    assert "Half written" not in ada.text
    again = ada.fill_in("/vendors/new", number="HALF", name="Whole")
    assert ada.send("/vendors/new", again) == 303


def _allow_connections(postgresql: Server, database: str, allowed: str) -> None:
    postgresql.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {allowed}")


def _until_waiting(postgresql: Server, database: str) -> None:
    """Wait until a statement of the app waits for a lock."""
    watching = create_engine(postgresql.url("postgres", "postgres"))
    asked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = :database"
    )
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with watching.connect() as connection:
            if connection.scalar(text(asked), {"database": database}):
                watching.dispose()
                return
        time.sleep(0.05)
    raise AssertionError("nothing waits: the test breaks in at no moment")
