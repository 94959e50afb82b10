# SPDX-License-Identifier: Apache-2.0
"""Catalogues hold what pages say: all of it, with the parts that are filled in, and no more."""

import re

import pytest
from babel.messages.pofile import read_po

from web.catalogue import _site, messages
from web.language import FOLDER
from web.po import read_catalogue

LANGUAGES = sorted(path.name for path in FOLDER.glob("*/"))
PARTS = re.compile(r"\$?\{\w*\}")


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Give every sentence of pages; of pairs, both."""
    found: set[str] = set()
    for message in messages(_site()):
        found |= {message.text} if isinstance(message.text, str) else set(message.text)
    return found


def test_sentences_are_found_wherever_they_stand(said: set[str]) -> None:
    assert "Skip to the content" in said, "in a template"
    assert "Scan or find" in said, "in an attribute"
    assert "Signed in as ${name}" in said, "with a part of the page inside"
    assert "Something broke on our side" in said, "in Python"
    assert {"vendor", "vendors", "Whom to talk to at a vendor."} <= said, "in declarations"
    assert len(said) > 2000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str, said: set[str]) -> None:
    """If this fails: `python -m web.catalogue`, then fill in what is empty."""
    found = read_catalogue(FOLDER / language / "LC_MESSAGES" / "poser.po")
    known = {*found.sentences, *(text for pair in found.forms for text in pair)}
    assert sorted(said - known) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_in_the_translation_too(language: str) -> None:
    found = read_catalogue(FOLDER / language / "LC_MESSAGES" / "poser.po")
    for text, translated in found.sentences.items():
        assert sorted(PARTS.findall(text)) == sorted(PARTS.findall(translated)), text
        assert re.findall(r"</?\w+", text) == re.findall(r"</?\w+", translated), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_reader_reads_what_translators_tools_read(language: str) -> None:
    path = FOLDER / language / "LC_MESSAGES" / "poser.po"
    with path.open("rb") as file:
        theirs = read_po(file, locale=language)
    ours = read_catalogue(path)
    for message in theirs:
        if isinstance(message.id, str) and message.id:
            assert ours(message.id) == (message.string or message.id)
        elif message.id:
            assert ours.forms[message.id[0], message.id[1]] == tuple(message.string)
