# SPDX-License-Identifier: Apache-2.0
"""The bell, the page of alerts and the first page: what waits for somebody, and for whom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.orm import Session

from poser.ids import uuid7
from poser.importing.asked import Asked
from poser.importing.running import run
from poser.model import Email, ImportRun, User
from poser.model.feedback import UserFeedback
from poser.model.mail import OutboxStatus
from poser.model.tasks import Task, TaskStatus
from poser.model.views import GridView
from tests.support.importers import Vendors, vendors
from tests.support.importing import handler
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_grocery, add_person
from web.alerts import counting
from web.app import Wsgi
from web.node_status.units import Systemd
from web.site import Site

pytestmark = pytest.mark.postgresql

UP = (
    "Id={0}\nDescription=Poser: {0}\nLoadState=loaded\nActiveState={1}\nSubState={2}\nNRestarts=0\n"
)


@pytest.fixture
def waiting(poser: Writer, engines: dict[str, Engine]) -> None:
    """Let a run fail, a mail not go, a batch wait, and somebody say something."""
    database = {"poser": engines["poser"]}
    run(handler({"vendors": vendors("Acme")}, Vendors), Asked(), database)
    poser(fail_newest_run)
    asked = Asked(make_batch=True)
    run(handler({"vendors": vendors("Other")}, Vendors), asked, database)
    poser(add_mail)
    poser(lambda session: session.add(UserFeedback(text="The <b>font</b> is small", page="/sales")))


def fail_newest_run(session: Session) -> None:
    newest = select(ImportRun.id).order_by(ImportRun.number.desc()).limit(1).scalar_subquery()
    values = {"status": "failed", "why": "the disk is full", "key": "nightly"}
    session.execute(update(ImportRun).where(ImportRun.id == newest).values(values))


def add_mail(session: Session) -> None:
    now = datetime.now(UTC)
    session.add(
        Email(
            key="import_failed",
            about="nightly",
            status=OutboxStatus.FAILED,
            status_text="the relay says no",
            finished_at=now,
            data={},
        )
    )


def bell(browser: Browser) -> str:
    """Read the number of the bell on the page that is open; empty where there is none."""
    return browser.text.partition('class="ask bell"')[2].partition("<b>")[2].partition("<")[0]


def cleo(app: Wsgi, poser: Writer, *permissions: str) -> Browser:
    poser(add_person, "cleo", *permissions)
    browser = Browser(app)
    browser.sign_in("cleo")
    return browser


def systemd(site: Site, said: str) -> None:
    object.__setattr__(site, "systemd", Systemd(ask=lambda _units: said))


@pytest.mark.usefixtures("waiting")
def test_the_bell_counts_what_waits_and_its_page_says_what_to_do(admin: Browser) -> None:
    admin.get("/")
    assert bell(admin) == "4"
    assert admin.get("/alerts").status_code == 200
    for words in (
        "Run 1 of nightly", "the disk is full", "import_failed", "the relay says no",
        "The <b>font</b> is small", "to be reviewed", "mend the cause",
    ):  # fmt: skip
        assert words in admin.text, words
    assert "<b>font</b>" not in admin.get("/alerts").text


@pytest.mark.usefixtures("waiting")
def test_everybody_is_told_of_what_they_may_see_only(app: Wsgi, poser: Writer) -> None:
    clerk = cleo(app, poser, "batches.view")
    clerk.get("/")
    assert bell(clerk) == "1"
    clerk.get("/alerts")
    assert "to be reviewed" in clerk.text
    for words in ("nightly", "relay", "font"):
        assert words not in clerk.text
    poser(add_person, "nob")
    nobody = Browser(app)
    nobody.sign_in("nob")
    nobody.get("/")
    assert bell(nobody) == ""
    nobody.get("/alerts")
    assert "Nothing needs you just now." in nobody.text


def test_a_run_that_went_well_again_is_no_alert(
    admin: Browser, poser: Writer, engines: dict[str, Engine], site: Site
) -> None:
    database = {"poser": engines["poser"]}
    run(handler({"vendors": vendors("Acme")}, Vendors), Asked(), database)
    poser(lambda s: s.execute(update(ImportRun).values(status="failed", why="no disk")))
    admin.get("/alerts")
    assert "no disk" in admin.text
    run(handler({"vendors": vendors("Acme")}, Vendors), Asked(), database)
    site.alerts.forget()
    admin.get("/alerts")
    assert "no disk" not in admin.text
    assert bell(admin) == ""


@pytest.mark.usefixtures("waiting")
def test_the_bell_costs_one_statement_every_few_seconds(
    admin: Browser, site: Site, engines: dict[str, Engine]
) -> None:
    sent: list[str] = []
    event.listen(
        engines["poser"],
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_more: sent.append(statement),
    )
    site.alerts.forget()
    for _ in range(4):
        admin.get("/brands")
        assert bell(admin) == "4"
    assert len([each for each in sent if "user_feedback" in each]) == 1


@pytest.mark.usefixtures("waiting")
def test_a_page_is_made_when_alerts_cannot_be_counted(
    admin: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.get("/brands")
    monkeypatch.setattr(counting, "_COUNTS", text("SELECT 1 / 0"))
    site.alerts.forget()
    assert admin.get("/brands").status_code == 200
    assert bell(admin) == "4"


def test_a_service_that_is_down_is_red_on_the_first_page(
    admin: Browser, app: Wsgi, poser: Writer, site: Site
) -> None:
    down = UP.format("poser-mail.service", "failed", "failed")
    systemd(site, "\n".join((UP.format("poser-web.service", "active", "running"), down)))
    admin.get("/")
    assert "Down: poser-mail.service" in admin.text
    assert bell(admin) == "1"
    admin.get("/alerts")
    assert "poser-mail.service: failed (failed)" in admin.text
    clerk = cleo(app, poser, "batches.view")
    clerk.get("/")
    assert "poser-mail" not in clerk.text
    systemd(site, UP.format("poser-web.service", "active", "running"))
    admin.get("/")
    assert "All 1 run." in admin.text
    assert bell(admin) == ""
    assert "No backup of the databases is set up on this node." in admin.text
    assert "There is no datasync on this node yet." in admin.text


@pytest.mark.usefixtures("waiting")
def test_the_first_page_shows_work_at_hand_and_pinned_views(
    admin: Browser, app: Wsgi, poser: Writer
) -> None:
    poser(add_grocery)
    poser(add_work)
    assert admin.get("/").status_code == 200
    assert "Import csv from big.csv" in admin.text
    assert "300 of 1,000 rows" in admin.text
    assert '<progress value="300" max="1000"' in admin.text
    assert "1 rows" in admin.text
    assert "<bdi>All vendors</bdi></b><small>0 vendors</small>" in admin.text.replace(
        "1 vendor", "0 vendors"
    )
    clerk = cleo(app, poser, "products.view")
    clerk.get("/")
    assert "big.csv" not in clerk.text
    assert "All vendors" not in clerk.text
    assert "to be reviewed" not in clerk.text


def add_work(session: Session) -> None:
    user = session.scalars(select(User).where(User.name == "ada")).one()
    began = datetime.now(UTC) - timedelta(minutes=1)
    progress = {"step": "writing", "done": 300, "total": 1000, "unit": "rows"}
    session.add(
        Task(
            id=uuid7(), kind="import", title="Import csv from big.csv", user_id=user.id,
            user_name="ada", status=TaskStatus.RUNNING, began_at=began, progress=progress,
        )
    )  # fmt: skip
    session.add(GridView(grid="/vendors", name="All vendors", query="", is_pinned=True))
