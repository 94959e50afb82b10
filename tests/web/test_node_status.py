# SPDX-License-Identifier: Apache-2.0
"""The page about the node: what the doctor finds, and what failed within a week."""

import json
import sys
from datetime import timedelta
from typing import Any

from poser.model import EmailAttempt, SignInEvent
from tests.web.conftest import Browser, Clock, Writer
from web.node_status.looking import KEPT_S, Doctor, Look, run_doctor

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
    asked = []

    def ask() -> Look:
        asked.append(1)
        return Look((), 0.0)

    doctor = Doctor(ask)
    doctor.look()
    doctor.look()
    assert len(asked) == 1
    doctor._at -= KEPT_S + 1
    doctor.look()
    assert len(asked) == 2


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
