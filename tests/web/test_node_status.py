# SPDX-License-Identifier: Apache-2.0
"""The page about the node: what the doctor finds, and what failed within a week."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from poser import services
from poser.model import Email, EmailAttempt, SignInEvent
from roles import build, names
from roles.paper import paper
from tests.web.conftest import Browser, Clock, Writer
from web.node_status.journal import Reader, grouped
from web.node_status.looking import Doctor, Look, run_doctor
from web.node_status.units import UNITS, Systemd
from web.remembering import Remembered
from web.site import Site

FOUND = [
    {"name": "disk", "state": "ok", "sentence": "/ has 9 GiB free", "details": [], "hint": ""},
    {
        "name": "clock",
        "state": "wrong",
        "sentence": "a day late",
        "details": ["one", "two"],
        "hint": "set it",
    },
]


def say(text: str, code: int = 0) -> list[str]:
    """Give a command that writes a text and ends with a code."""
    return [sys.executable, "-c", f"import sys; print({text!r}); sys.exit({code})"]


def test_what_is_wrong_stands_first() -> None:
    look = run_doctor(say(json.dumps(FOUND), 3))
    assert [finding.name for finding in look.findings] == ["clock", "disk"]
    assert look.findings[0].details == ("one", "two")
    assert not look.trouble


def test_a_doctor_that_does_not_answer_is_trouble_in_words() -> None:
    assert run_doctor(say("[", 0)).trouble
    assert run_doctor(say("[]", 2)).trouble == "it ended with 2"
    assert "nobody" in run_doctor(["/nobody/here"]).trouble
    assert run_doctor(say('[{"name": "disk"}]')).trouble


def test_an_answer_is_kept_for_a_while() -> None:
    asked, now = [], [100.0]

    def ask() -> int:
        asked.append(1)
        return len(asked)

    remembered = Remembered[int](60.0, clock=lambda: now[0])
    assert remembered.answer(ask) == (1, 0.0)
    now[0] += 60
    assert remembered.answer(ask) == (1, 60.0)
    now[0] += 1
    assert remembered.answer(ask) == (2, 0.0)


def test_a_question_that_fails_is_asked_anew() -> None:
    remembered = Remembered[int](60.0)
    with pytest.raises(OSError, match="away"):
        remembered.answer(_away)
    assert remembered.answer(lambda: 3)[0] == 3


def _away() -> int:
    raise OSError("away")


def test_the_doctor_is_asked_once() -> None:
    asked = []

    def ask() -> Look:
        asked.append(1)
        return Look((), 0.0)

    doctor = Doctor(ask)
    assert doctor.look().age_s >= 0
    doctor.look()
    assert len(asked) == 1


def test_a_fact_that_fails_leaves_the_others_answered(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.node_status.facts._SCHEMA", text("SELECT 1/0"))
    admin.get("/node")
    assert "No backup of the databases is set up" in admin.text
    assert "Nothing waits to be sent." in admin.text


def entry(unit: str, said: object, at: int) -> str:
    return json.dumps(
        {"_SYSTEMD_UNIT": unit, "MESSAGE": said, "__REALTIME_TIMESTAMP": str(at * 10**6)}
    )


def test_errors_that_differ_in_numbers_are_one() -> None:
    lines = [
        entry("poser-web.service", "ERROR web.errors: page failed reference=QX7 path=/a", 900),
        entry("poser-web.service", "ERROR web.errors: page failed reference=ZZ9 path=/a", 800),
        entry("postgresql@17-main.service", "FATAL: pid 4711 of 12 is gone", 700),
        entry("postgresql@17-main.service", "FATAL: pid 9 of 4 is gone", 600),
        entry("postgresql@17-main.service", list(b"caf\xc3\xa9 is shut"), 500),
    ]
    found = grouped(lines)
    assert [(each.unit.partition(".")[0], each.times) for each in found] == [
        ("poser-web", 2), ("postgresql@17-main", 2), ("postgresql@17-main", 1),
    ]  # fmt: skip
    assert "QX7" in found[0].said  # the newest, in full
    assert found[0].last_at.timestamp() == 900
    assert found[2].said == "café is shut"


def test_every_service_that_is_declared_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    used = {service.unit for name in names() for service in build(paper(name)).services}
    assert len(used) >= 4
    assert used <= set(UNITS)
    assert "poser-upkeep.timer" in UNITS
    made = services.Service(name="new", what="New", command=("/bin/true",))
    monkeypatch.setattr(services, "NEW", made, raising=False)
    assert "poser-new.service" in services.watched_units()


def test_the_page_shows_services_errors_and_mail_without_root(
    admin: Browser, site: Site, poser: Writer, clock: Clock
) -> None:
    unit = "Id={}\nDescription=Poser: Mail\nLoadState={}\nActiveState={}\nSubState=x\nNRestarts=3\n"
    said = "\n".join(
        unit.format(*each)
        for each in (
            ("poser-mail.service", "loaded", "failed"),
            ("poser-datasync.service", "not-found", "inactive"),
        )
    )
    object.__setattr__(site, "systemd", Systemd(ask=lambda _units: said))
    line = entry("poser-mail.service", "no <b>relay</b>", int(clock().timestamp()))
    object.__setattr__(site, "journal", Reader(ask=lambda: line))

    def queue(session: Any) -> None:  # noqa: ANN401 - a session
        session.add(Email(key="import_failed", data={}))
        session.add(Email(key="x", data={}, status="failed", finished_at=clock()))

    poser(queue)
    admin.get("/node")
    for words in (
        "Down: poser-mail.service", "restarts: 3", "no <b>relay</b>",
        "1 wait to be sent. 1 could not be sent this week.", "poser_00",
        "No backup of the databases is set up", "There is no datasync on this node yet.",
    ):  # fmt: skip
        assert words in admin.text, words
    assert "no <b>relay" not in admin.get("/node").text
    admin.get("/")  # where alerts tell of failed mail
    assert "could not be sent this week" not in admin.text
    assert "Mails that did not go out" in admin.text


def test_a_journal_that_may_not_be_read_says_so(
    admin: Browser, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\necho 'No journal files were opened' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    admin.get("/node")
    assert "The journal cannot be read: No journal files were opened" in admin.text
    # Nothing found is no trouble, though it ends with 1 too.
    program.write_text("#!/bin/sh\nexit 1\n")
    object.__setattr__(site, "journal", Reader())
    admin.get("/node")
    assert "There are none." in admin.text


def test_systemd_is_asked_as_everybody_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "systemctl"
    program.write_text("#!/bin/sh\necho 'no bus here' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert Systemd().units() == ((), "no bus here")


def test_the_page_tells_what_failed_alike_as_one(
    admin: Browser, poser: Writer, clock: Clock
) -> None:
    def fail(session: Any) -> None:  # noqa: ANN401 - a session
        for minutes in (1, 2, 3):
            at = clock() - timedelta(minutes=minutes)
            session.add(SignInEvent(name="mallory", kind="unknown_user", at=at))
        old = clock() - timedelta(days=9)
        session.add(SignInEvent(name="long ago", kind="unknown_user", at=old))
        session.add(
            EmailAttempt(key="import_failed", at=clock(), status="failed", status_text="refused")
        )

    poser(fail)
    assert admin.get("/node").status_code == 200
    assert "mallory" in admin.text
    assert "long ago" not in admin.text
    assert "import_failed" in admin.text
    row = admin.text.split("mallory")[1]
    assert '<td role="cell" class="quantity" data-label="Times">3</td>' in row or ">3</td>" in row
    # The doctor of a test has no settings to find its databases by, and says so.
    assert "The doctor gives no answer." in admin.text or "state" in admin.text
