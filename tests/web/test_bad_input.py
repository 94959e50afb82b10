# SPDX-License-Identifier: Apache-2.0
"""What nobody types by accident: it is refused in words, or kept as the text that it is."""

import csv
import time
from collections.abc import Iterator
from io import BytesIO, StringIO
from threading import Thread

import pytest
from openpyxl import load_workbook
from sqlalchemy import LargeBinary, Text, func, select, text
from sqlalchemy import String as AnyText
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.model import Vendor
from tests.support.postgresql import Server
from tests.web.conftest import Browser, Shop, Writer
from tests.web.filling import add_vendor, press
from tests.web.rows import add_row
from tests.web.running import Running, running
from tests.web.test_escaping import LINK, MARK, live
from web.resources import Resource, Verb
from web.site import Site
from web.worker import BODY_S

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
BEYOND_TEXT = 500


def write_each(session: Session, resource: Resource, key: object, words: list[str]) -> int:
    """Write into every text of a row, one by one; tell how many take it."""
    taken = 0
    for at, column in enumerate(resource.table.c):
        if not isinstance(column.type, AnyText | Text) or isinstance(column.type, LargeBinary):
            continue
        if column.computed is not None or column.foreign_keys:
            continue
        point = session.begin_nested()
        try:
            session.execute(
                resource.table.update()
                .where(resource.table.c.id == key)
                .values({column.name: words[at % len(words)]})
            )
            point.commit()
            taken += 1
        except DBAPIError:  # a rule of the database wants another kind of word there
            point.rollback()
    return taken


def add_marked(session: Session, resource: Resource) -> list[object] | None:
    """Add a row of markup and one of formulas; None where rows come about in another way."""
    try:
        with session.begin_nested():
            keys = [add_row(session, resource.table) for _ in range(2)]
    except DBAPIError:
        return None
    words = ([MARK, LINK, f"{LINK} {MARK}"], list(FORMULAS))
    if not all(write_each(session, resource, k, w) for k, w in zip(keys, words, strict=True)):
        return None
    return list(keys)


@pytest.fixture
def written(site: Site) -> list[Resource]:
    """List the resources whose records people write, and ada sees though she did not."""
    return [
        each
        for each in site.resources.values()
        if each.database == "poser" and {Verb.CREATE, Verb.EDIT} & each.can and not each.scopes
    ]


def no_formula(browser: Browser, path: str) -> None:
    """See that neither file has a cell that a spreadsheet would work out."""
    lines = csv.reader(StringIO(browser.get(f"{path}.csv").text))
    cells = [cell for line in lines for cell in line]
    for cell in cells:
        is_number = cell.lstrip("-+").replace(".", "").replace(",", "").isdigit()
        assert is_number or not cell.startswith(SIGNS), (path, cell)
    book = load_workbook(BytesIO(browser.get(f"{path}.xlsx").content))
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row), path


@pytest.mark.usefixtures("app")
def test_markup_links_and_formulas_stay_text_in_every_field(
    admin: Browser, poser: Writer, written: list[Resource]
) -> None:
    seen = 0
    for resource in written:
        keys = poser(add_marked, resource)
        if keys is None:
            continue
        shown = 0
        for key in keys:
            for part in ("", "/edit", "/history", "/copy"):
                answer = admin.get(f"{resource.path}/{key}{part}")
                parsed = live(answer.text)
                assert parsed.found == [], (resource.path, part)
                shown += parsed.marks
        answer = admin.get(resource.path)
        assert live(answer.text).found == [], resource.path
        assert shown, f"{resource.path} shows no mark: the test looks at nothing"
        if Verb.EXPORT in resource.can:
            no_formula(admin, resource.path)
        seen += 1
    assert seen > 30


@pytest.mark.parametrize(
    "path",
    [
        "/products/%ff", "/%ff%fe", "/products?q=%ff%fe", "/products?%ff=1", "/find?q=%00",
        "/products?q=%00", "/products?description.contains=%00", "/vendors?name.is=%ed%a0%80",
        "/products/new?description=%ff", "/sign-in?next=%ff", "/vendors/choose?q=%ff%00",
        "/api/v1/products?q=%ff", "/history/%ff", "/sales?day=%ff", "/sales?store=%00",
        "/pos-transactions?cashier=%00", "/vendors?after=%00",
    ],
)  # fmt: skip
def test_odd_signs_in_an_address_are_no_fault_of_ours(ada: Browser, path: str) -> None:
    answer = ada.get(path)
    assert answer.status_code < BEYOND_TEXT, answer.text
    assert live(answer.text).found == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("csrf=1&name=x".encode("utf-16"), ""),
        ("csrf=1&name=x".encode("utf-16"), "; charset=utf-16"),
        (b"csrf=1&name=%ed%a0%80", ""),
        (b"\xff\xfe\x00\x01", ""),
    ],
)
def test_a_form_in_another_encoding_is_refused(ada: Browser, body: bytes, kind: str) -> None:
    headers = {
        "Content-Type": f"application/x-www-form-urlencoded{kind}",
        "Sec-Fetch-Site": "same-origin",
    }
    answer = ada._remember(ada._ask("POST", "/vendors/new", body=body, headers=headers))
    assert answer.status_code == 400
    assert "Reference" in ada.text


def test_a_filter_of_ten_thousand_characters_is_refused_everywhere(
    shop: Shop, ada: Browser
) -> None:
    for resource in shop.site.resources.values():
        for name in ("q", f"{resource.label}.contains", "sort", "cols", "after", "view"):
            answer = ada.get(f"{resource.path}?{name}={'x' * 10_000}")
            assert answer.status_code in {200, 303, 400, 404, 422}, (resource.path, name)
            assert len(answer.text) < 1 << 20, (resource.path, name)
    query = "name.contains=" + "x" * 10_000
    ada.get("/vendors")
    sent = ada.post("/vendors/change", {"csrf": ada.token(), "all": "1", "query": query})
    assert sent.status_code in {200, 400}


def test_no_list_is_ordered_or_filtered_by_what_it_does_not_offer(shop: Shop, ada: Browser) -> None:
    for resource in shop.site.resources.values():
        for query in (
            "sort=password_hash", "sort=nonsense", "sort=-id);drop table users", "cols=nonsense",
            "nonsense.is=1",
        ):  # fmt: skip
            answer = ada.get(f"{resource.path}?{query}")
            assert answer.status_code == 400, (resource.path, query)
    for query in ("password_hash.contains=a", "cols=password_hash", "password_hash.is=x"):
        assert ada.get(f"/users?{query}").status_code == 400, query
        assert ada.get(f"/users.csv?{query}").status_code == 400, query


def test_a_database_that_restarts_while_a_form_is_saved_loses_nothing(
    admin: Browser, poser: Writer, postgresql: Server
) -> None:
    key = poser(add_vendor)
    database = str(poser.engine.url.database)
    holder = postgresql.connect(database)
    with holder.cursor() as cursor:
        cursor.execute("SELECT id FROM vendors FOR UPDATE")
    found: list[int] = []
    fields = {"name": "New name", "was.name": "United Natural"}
    saving = Thread(
        target=lambda: found.append(press(admin, f"/vendors/{key}/edit", **fields)), daemon=True
    )
    saving.start()
    waiting = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND wait_event_type = 'Lock'"  # noqa: E501, S608
    watcher = postgresql.connect("postgres", user="postgres")
    watcher.autocommit = True
    with watcher.cursor() as cursor:
        for _ in range(200):
            cursor.execute(waiting)
            if cursor.fetchone() == (1,):
                break
            time.sleep(0.05)
        else:
            pytest.fail("the form does not wait")
    watcher.close()
    postgresql.end_connections(database)
    saving.join(20)
    assert found == [503]
    assert "The database does not answer" in admin.text
    assert "Nothing was changed" in admin.text
    name = select(Vendor.name).where(Vendor.id == key)
    assert poser(lambda s: s.scalars(name).one()) == "United Natural"
    assert press(admin, f"/vendors/{key}/edit", **fields) == 303
    assert poser(lambda s: s.scalars(name).one()) == "New name"
    assert poser(lambda s: s.scalar(select(func.count()).select_from(text("vendors")))) == 1


@pytest.fixture
def started(
    postgresql: Server, templates: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    urls = {kind: postgresql.url(postgresql.create(each)) for kind, each in templates.items()}
    with running(tmp_path_factory.mktemp("slow"), urls) as found:
        yield found


def test_slow_bodies_end_and_others_are_served_meanwhile(started: Running) -> None:
    head = (
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n"
    )
    lines = [started.connect() for _ in range(3)]  # of eight threads
    began = time.monotonic()
    for line in lines:
        line.sendall(head)
    said = b""
    served = 0
    lines[0].settimeout(0.5)
    while not said and time.monotonic() - began < BODY_S + 15:
        for line in lines[1:]:
            line.sendall(b"a")
        served += started.get("/health", timeout_s=10)[0] == 200
        try:
            lines[0].sendall(b"a")
            said = lines[0].recv(200)
        except TimeoutError:
            continue
    assert time.monotonic() - began >= BODY_S - 2
    assert said.split(b" ")[1] == b"408", said
    assert served > 5
    for line in lines:
        line.close()
    assert started.get("/health")[0] == 200
