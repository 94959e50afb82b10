# SPDX-License-Identifier: Apache-2.0
"""What the database refuses is told in the language of the page, whoever worded it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from poser.db.refused import Refused
from tests.web.conftest import Browser, Writer
from tests.web.factories import add_person
from web.language import speak
from web.refusals import SENTENCES, _pattern, told, translated

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
RAISED = re.compile(r"RAISE EXCEPTION\b.*?;\n", re.DOTALL)
SAID = re.compile(r"'((?:[^']|'')*)'")


@contextmanager
def german() -> Iterator[None]:
    speak("de")
    try:
        yield
    finally:
        speak("en")


def said_by_triggers() -> set[str]:
    """Give every sentence with which a trigger refuses what people do."""
    found: set[str] = set()
    for path in VERSIONS.rglob("*.py"):
        for raised in RAISED.findall(path.read_text()):
            if "integrity_constraint_violation" in raised or "PR001" in raised:
                found |= {one.replace("''", "'") for one in SAID.findall(raised)}
    return {one for one in found if one.count(" ") > 2}


def test_every_sentence_of_a_trigger_is_known() -> None:
    said = said_by_triggers()
    assert len(said) >= 10
    for one in said:
        for piece in re.sub(r"%s?|(?<= )$", "7", one).split(": "):
            assert piece == "7" or any(_pattern(each).fullmatch(piece) for each in SENTENCES), one


@pytest.mark.parametrize(
    ("message", "hint", "words"),
    [
        (
            "nobody would be left who may do everything",
            "give an administrators' user role to somebody else first",
            (
                "niemand wäre mehr da, der alles darf."
                " geben Sie zuerst jemand anderem eine Benutzerrolle von Administratoren."
            ),
        ),
        (
            "vendor: there is one already with number 7",
            "change that one, or give this one another",
            (
                "Lieferant: es gibt schon etwas mit number 7."
                " ändern Sie jenes, oder geben Sie hier etwas anderes an."
            ),
        ),
        ("vendor: somebody's own rule", "", "Lieferant: somebody's own rule."),
        (
            "batch 12 is done: its rows stay as they are",
            "",
            "Stapel 12 ist fertig: seine Zeilen bleiben, wie sie sind.",
        ),
    ],
)
def test_a_refusal_is_told_in_german(message: str, hint: str, words: str) -> None:
    with german():
        assert told(Refused(message, hint=hint)) == words


def test_capitals_stay_and_english_is_left_alone() -> None:
    with german():
        said = translated("Nobody would be left who may do everything. And more.")
    assert said == "Niemand wäre mehr da, der alles darf. And more."
    text = "vendor: there is one already with number 7. change that one, or give this one another."
    assert translated(text) == text


def test_the_page_of_a_refusal_is_german(admin: Browser, poser: Writer) -> None:
    key = poser(lambda session: add_person(session, "bea")).id
    admin.get("/")
    admin.post("/preferences", {"csrf": admin.token(), "language": "de"})
    admin.get(f"/users/{key}/access")
    shown = admin.post(f"/users/{key}/access", {"csrf": admin.token(), "do": "dance"})
    assert shown.status_code == 400
    assert "Diesen Knopf gibt es nicht." in shown.text
