# SPDX-License-Identifier: Apache-2.0
"""Languages: chosen or asked for by the browser, read from catalogues, kept by the device."""

from pathlib import Path

import pytest

from poser.errors import PoserError
from tests.web.conftest import Browser, Site
from web import pseudo
from web.app import Wsgi
from web.language import LANGUAGE, _, in_template, several, speak, wanted
from web.po import read_catalogue

PO = r"""# a comment
msgid ""
msgstr ""
"Language: xx\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\n"

#: web/a.py:1
msgid "Two \"lines\"\n"
"of text"
msgstr "Zwei \"Zeilen\"\n"
"Text"

msgid "rocket"
msgid_plural "rockets"
msgstr[0] "rakieta"
msgstr[1] "rakiety"
msgstr[2] "rakiet"

#, fuzzy
msgid "Perhaps"
msgstr "Guessed"

msgid "Later"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Weg"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "poser.po"
    path.write_text(PO)
    return path


def test_a_catalogue_is_read_as_translators_keep_it(path: Path) -> None:
    found = read_catalogue(path)
    assert found.sentences == {
        'Two "lines"\nof text': 'Zwei "Zeilen"\nText',
        "rocket": "rakieta",
    }
    assert [found.several(n, "rocket", "rockets") for n in (1, 3, 12)] == [
        "rakieta",
        "rakiety",
        "rakiet",
    ]
    assert found("Perhaps") == "Perhaps"
    assert found.several(2, "dog", "dogs") == "dogs"


@pytest.mark.parametrize("line", ['msgid "no end', '"before any keyword"', "nonsense"])
def test_a_damaged_catalogue_is_refused(path: Path, line: str) -> None:
    path.write_text(PO + "\n" + line + "\n")
    with pytest.raises(PoserError, match="is no line of a PO file"):
        read_catalogue(path)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr, en;q=0.5, de;q=0.7", "de"),
        ("", "fr,*;q=0.1", "en"),
        ("en", "de", "en"),
        ("de", "en", "de"),
        ("xx", "de", "de"),
        ("", "de;q=0", "en"),
        ("", ";;q=,,q=1;de;" * 50, "en"),
    ],
)
def test_the_choice_goes_before_what_the_browser_asks_for(
    chosen: str, accepted: str, language: str
) -> None:
    assert wanted(chosen, accepted) == language


def test_sentences_and_numbers_of_words_are_translated() -> None:
    speak("de")
    try:
        assert LANGUAGE.get() == "de"
        assert _("Sign in") == "Anmelden"
        assert several(1, "product", "products") == "Produkt"
        assert several(2, "product", "products") == "Produkte"
        assert _("no such sentence") == "no such sentence"
        speak("xx")
        assert (_("Sign in"), LANGUAGE.get()) == ("Sign in", "en")
    finally:
        speak("en")


def test_a_template_keeps_the_parts_that_are_named_inside() -> None:
    speak(pseudo.LANGUAGE)
    try:
        shown = in_template("Hello ${name}, <b>you</b>", mapping={"name": "<i>Ada</i>"})
    finally:
        speak("en")
    assert shown == "⟦Hélló <i>Ada</i>, <b>ýóú</b> ~~~~⟧"


def test_pages_speak_the_language_of_the_browser(site: Site, app: Wsgi) -> None:
    browser = Browser(app)
    shown = browser._ask("GET", "/sign-in", headers={"Accept-Language": "de"}).text
    assert '<html lang="de"' in shown
    assert "Anmelden" in shown
    assert '<html lang="en"' in browser.get("/sign-in").text
    assert site.is_secure


def test_a_stranger_chooses_a_language_and_keeps_it(stranger: Browser, admin: Browser) -> None:
    stranger.get("/sign-in")
    fields = {"csrf": stranger.token(), "language": "de", "next": "/sign-in"}
    assert stranger.post("/preferences", fields).status_code == 303
    assert "Anmelden" in stranger.get("/sign-in").text
    admin.get("/")
    admin.post("/preferences", {"csrf": admin.token(), "language": "de"})
    assert "Abmelden" in admin.get("/").text


@pytest.mark.parametrize("fields", [{}, {"theme": "pink"}, {"language": "../de"}, {"other": "x"}])
def test_other_choices_are_refused(admin: Browser, fields: dict[str, str]) -> None:
    admin.get("/")
    assert admin.post("/preferences", {"csrf": admin.token(), **fields}).status_code == 400


def test_colors_are_kept(admin: Browser) -> None:
    admin.get("/")
    admin.post("/preferences", {"csrf": admin.token(), "theme": "dark"})
    assert "theme-dark" in admin.get("/").text
    assert '<meta name="color-scheme" content="dark"' in admin.text
