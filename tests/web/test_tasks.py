# SPDX-License-Identifier: Apache-2.0
"""Starting long work from pages, following it, and stopping it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from falcon import testing
from sqlalchemy import Engine, select

from poser.config import load
from poser.db import transaction
from poser.importing.asked import Asked
from poser.importing.running import run
from poser.model import Vendor
from poser.model.tasks import Task, TaskFile, TaskStatus
from poser.tasks.queue import claim, end
from tests.support.importers import Vendors, vendors
from tests.support.importing import handler
from tests.web.conftest import HOST, Browser, Shop, Writer
from tests.web.factories import add_person
from web.app import Wsgi
from web.site import Site

pytestmark = pytest.mark.postgresql

CSV = b"number,name\n1,Acme\n"


def upload(browser: Browser, path: str, *, content: bytes = CSV, **fields: str) -> testing.Result:
    """Send a form with a file, as a browser does."""
    browser.get(path)
    mark, parts = "xyzzy", []
    for name, value in {"csrf": browser.token(), **fields}.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(f"{head}{value}\r\n".encode())
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="ven dors.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    parts.append(head.encode() + content + f"\r\n--{mark}--\r\n".encode())
    cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
    return testing.simulate_post(
        browser.app,
        path,
        body=b"".join(parts),
        headers={
            "Host": HOST,
            "Cookie": cookie,
            "Sec-Fetch-Site": "same-origin",
            "Origin": f"https://{HOST}",
            "Content-Type": f"multipart/form-data; boundary={mark}",
        },
        remote_addr="192.0.2.7",
    )


@contextmanager
def only_task(engine: Engine) -> Iterator[Task]:
    with transaction(engine) as session:
        yield session.scalars(select(Task)).one()


def test_an_import_is_started_from_its_form(admin: Browser, engines: dict[str, Engine]) -> None:
    admin.get("/imports/start")
    assert 'href="/imports/start/csv"' in admin.text
    result = upload(admin, "/imports/start/csv", models="Vendor, Brand", way="write", comment="now")
    with only_task(engines["poser"]) as task:
        assert result.headers["location"] == f"/tasks/{task.id}"
        assert (task.kind, task.user_name, task.address) == ("import", "ada", "192.0.2.7")
        asked = task.params["asked"]
        assert asked["models"] == ["Vendor", "Brand"]
        assert (asked["dry_run"], asked["make_batch"], asked["comment"]) == (False, False, "now")
    with transaction(engines["poser"], read_only=True) as session:
        piece = session.scalars(select(TaskFile)).one()
        assert (piece.name, piece.data) == ("ven dors.csv", CSV)


def test_the_form_asks_what_its_handler_takes(admin: Browser, engines: dict[str, Engine]) -> None:
    admin.get("/imports/start/csv")
    for name in ("delimiter", "encoding", "numbers", "days", "trim"):
        assert f'name="option.{name}"' in admin.text
    fields = {"option.delimiter": ";", "option.numbers": "1.234,56", "option.trim": "yes"}
    upload(admin, "/imports/start/csv", way="look", **fields, **{"option.nothing": "x"})
    with only_task(engines["poser"]) as task:
        said = dict(task.params["asked"]["options"])
    assert {name: said[name] for name in ("delimiter", "numbers", "trim", "encoding")} == {
        "delimiter": ";", "numbers": "1.234,56", "trim": "yes", "encoding": "",
    }  # fmt: skip
    assert "nothing" not in said
    admin.get("/imports/start/xlsx")
    assert 'name="option.sheet"' in admin.text
    assert 'name="option.delimiter"' not in admin.text


def test_what_writes_as_it_reads_becomes_no_batch(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    admin.get("/imports/start/poslog")
    assert 'name="option.time-zone"' in admin.text
    assert 'value="batch"' not in admin.text
    upload(admin, "/imports/start/poslog", way="batch")
    with only_task(engines["poser"]) as task:
        asked = task.params["asked"]
        assert (asked["dry_run"], asked["make_batch"]) == (True, False)
        assert dict(asked["options"])["time-zone"] == "UTC"


def test_imports_that_the_settings_name_are_started_by_who_may(
    app: Wsgi, admin: Browser, poser: Writer, site: Site, engines: dict[str, Engine]
) -> None:
    lines = (
        "vendors at 03:30: csv Vendor --from /srv/vendors.csv\n"
        "prices at 04:30 with network: http Product --from https://shop.example/"
    )
    config = load([], environment={"POSER_IMPORT_SCHEDULES": lines})
    object.__setattr__(site, "config", config)
    admin.get("/imports/start")
    assert "csv Vendor --from /srv/vendors.csv" in admin.text
    assert 'action="/imports/schedules/prices/run"' not in admin.text
    assert "systemctl start poser-import-prices.service" in admin.text
    fields = {"csrf": admin.token()}
    assert admin.post("/imports/schedules/nothing/run", fields).status_code == 404
    answer = admin.post("/imports/schedules/prices/run", fields)
    assert answer.headers["location"] == "/imports/start"
    poser(add_person, "cleo", "imports.view")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get("/imports/start")
    assert "/imports/schedules/vendors/run" not in cleo.text
    assert cleo.post("/imports/schedules/vendors/run", {"csrf": cleo.token()}).status_code == 403
    answer = admin.post("/imports/schedules/vendors/run", fields)
    with only_task(engines["poser"]) as task:
        assert answer.headers["location"] == f"/tasks/{task.id}"
        assert (task.kind, task.params) == ("import_scheduled", {"name": "vendors"})


@pytest.mark.parametrize(
    ("way", "is_dry", "is_batch"),
    [("batch", False, True), ("look", True, False), ("x", True, False)],
)
def test_nothing_is_written_unless_somebody_says_so(
    admin: Browser, engines: dict[str, Engine], way: str, *, is_dry: bool, is_batch: bool
) -> None:
    upload(admin, "/imports/start/csv", way=way)
    with only_task(engines["poser"]) as task:
        assert task.params["asked"]["dry_run"] is is_dry
        assert task.params["asked"]["make_batch"] is is_batch


def test_an_empty_file_is_no_import(admin: Browser, engines: dict[str, Engine]) -> None:
    result = upload(admin, "/imports/start/csv", content=b"", comment="kept words")
    assert result.status_code == 422
    assert "kept words" in result.text
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(Task)).all() == []


def test_each_import_has_a_permission_of_its_own(app: Wsgi, poser: Writer) -> None:
    poser(add_person, "cleo", "imports.view", "imports.start_xlsx")
    cleo = Browser(app)
    cleo.sign_in("cleo")
    cleo.get("/imports/start")
    assert "/imports/start/xlsx" in cleo.text
    assert 'href="/imports/start/csv"' not in cleo.text
    assert "You may not start it" in cleo.text  # and not merely left out
    assert "name it in the setting import.schedules" in cleo.text
    assert cleo.get("/imports/start/csv").status_code == 403


def test_a_run_is_taken_back_by_who_may(admin: Browser, engines: dict[str, Engine]) -> None:
    done = run(handler({"vendors": vendors("Acme")}, Vendors), Asked(), {"poser": engines["poser"]})
    path = f"/imports/{done.run_id}"
    admin.get(path)
    fields = {"csrf": admin.token(), "comment": "wrong file"}
    result = admin.post(f"{path}/revert", fields)
    with only_task(engines["poser"]) as task:
        assert result.headers["location"] == f"/tasks/{task.id}"
        assert (task.kind, task.params) == (
            "import_revert",
            {"run": done.number, "comment": "wrong file"},
        )
    with transaction(engines["poser"], read_only=True) as session:
        assert session.scalars(select(Vendor)).one()  # the service has not done it yet


def test_a_task_shows_how_far_it_is_and_then_what_came_of_it(
    admin: Browser, engines: dict[str, Engine]
) -> None:
    upload(admin, "/imports/start/csv")
    with only_task(engines["poser"]) as task:
        id_ = task.id
    admin.get(f"/tasks/{id_}")
    assert "Waiting for its turn" in admin.text
    assert f'data-live="/tasks/{id_}/progress"' in admin.text
    with transaction(engines["poser"]) as session:
        claim(session)
    with only_task(engines["poser"]) as task:
        task.progress = {"step": "reading", "done": 1200, "total": 5000, "unit": "rows"}
    admin.get(f"/tasks/{id_}/progress")
    assert "1,200 of 5,000 rows" in admin.text
    assert '<progress value="1200" max="5000"' in admin.text
    with transaction(engines["poser"]) as session:
        end(session, id_, TaskStatus.DONE, message="1 row changed.", path="/imports")
    admin.get(f"/tasks/{id_}/progress")
    assert "1 row changed." in admin.text
    assert "data-over" in admin.text
    admin.get(f"/tasks/{id_}")
    assert "data-live" not in admin.text


def test_tasks_are_seen_by_who_asked_and_by_who_may_see_all(
    admin: Browser, app: Wsgi, poser: Writer, engines: dict[str, Engine]
) -> None:
    upload(admin, "/imports/start/csv")
    with only_task(engines["poser"]) as task:
        id_ = task.id
    poser(add_person, "cleo", "imports.view")
    poser(add_person, "max", "tasks.view_all")
    cleo, max_ = Browser(app), Browser(app)
    cleo.sign_in("cleo")
    max_.sign_in("max")
    assert cleo.get(f"/tasks/{id_}").status_code == 404
    assert cleo.get(f"/tasks/{id_}/progress").status_code == 404
    cleo.get("/tasks")
    assert str(id_) not in cleo.text
    fields = {"csrf": _token(cleo)}
    assert cleo.post(f"/tasks/{id_}/stop", fields).status_code == 404
    max_.get("/tasks")
    assert str(id_) in max_.text
    assert max_.get(f"/tasks/{id_}").status_code == 200
    assert max_.post(f"/tasks/{id_}/stop", {"csrf": max_.token()}).status_code == 303
    with only_task(engines["poser"]) as task:
        assert task.status == TaskStatus.CANCELLED


def _token(browser: Browser) -> str:
    browser.get("/")
    return browser.token()


def test_a_run_of_nobody_cannot_be_taken_back(ada: Browser, shop: Shop) -> None:
    assert shop
    ada.get("/imports")
    path = "/imports/0196f3c0-0000-7000-8000-000000000000/revert"
    assert ada.post(path, {"csrf": ada.token()}).status_code == 404
