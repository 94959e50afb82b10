# SPDX-License-Identifier: Apache-2.0
"""What the node software and grids refuse is told in the language of the page."""

from collections.abc import Iterator

import pytest
from sqlalchemy import column

from poser.auth.choosing import EASY, HINT
from poser.auth.passwords import hash_password
from poser.errors import PoserError
from web.grid.filters import BadQuery
from web.grid.searching import contains_words
from web.language import SOURCE, speak
from web.users.passwords import translated


@pytest.fixture
def german() -> Iterator[None]:
    speak("de")
    yield
    speak(SOURCE)


@pytest.mark.usefixtures("german")
def test_passwords_are_refused_in_german() -> None:
    with pytest.raises(PoserError, match="12 bis 256 Zeichen; dieses hat 5"), translated("short"):
        hash_password("short")
    with pytest.raises(PoserError, match="leicht zu erraten") as found, translated("x"):
        raise PoserError(EASY, hint=HINT)
    assert found.value.hint.startswith("nehmen Sie einige Wörter")


@pytest.mark.usefixtures("german")
def test_other_refusals_stay_as_they_are() -> None:
    with pytest.raises(PoserError, match=r"\{odd\}") as found, translated("x"):
        raise PoserError("{odd}", hint="look")
    assert found.value.hint == "look"


@pytest.mark.usefixtures("german")
def test_searches_are_refused_in_german() -> None:
    with pytest.raises(BadQuery, match="Der Suchtext ist zu lang"):
        contains_words(column("name"), "x" * 1000)
