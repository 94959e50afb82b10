# SPDX-License-Identifier: Apache-2.0
"""The language of the page that is being made: `_` translates now, `mark` only marks.

English stands in the source. `_("Add {one}")` inside a request gives the visitor's language;
values made once at the start say `mark("Vendors")` and are translated when shown.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from pathlib import Path

from poser.extensions.packages import Extension
from web import pseudo
from web.po import Catalogue, read_catalogue

Translate = Callable[[str], str]
TranslateSeveral = Callable[[int, str, str], str]

FOLDER = Path(__file__).parent / "locale"
OF_EXTENSION = "web/locale"
"""Where an extension has its own catalogues."""

CATALOGUE = "LC_MESSAGES/poser.po"
SOURCE = "en"
"""The language of the source, which needs no catalogue."""

_WANTED = re.compile(r"([a-zA-Z]{1,8})(?:-[a-zA-Z0-9-]+)?(?:\s*;\s*q=([01](?:\.\d{1,3})?))?")
_INSERT = re.compile(r"\$\{(\w+)\}")
_before_ours: list[Path] = []


def _as_it_is(text: str) -> str:
    return text


def _english(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


LANGUAGE: ContextVar[str] = ContextVar("language", default=SOURCE)
"""The language of the request that this thread answers, as a code of BCP 47."""

TRANSLATE: ContextVar[Translate] = ContextVar("translate", default=_as_it_is)
"""Looks a sentence up in that language's catalogue."""

SEVERAL: ContextVar[TranslateSeveral] = ContextVar("several", default=_english)
"""Looks up what stands for one or several of something."""


def _(text: str) -> str:
    """Translate a sentence into the language of the request."""
    return TRANSLATE.get()(text)


def mark(text: str) -> str:
    """Mark a sentence for translators; it is translated where it is shown."""
    return text


def several(number: int, one: str, many: str) -> str:
    """Translate words that depend on a number, such as "product" and "products"."""
    return SEVERAL.get()(number, one, many)


def in_template(
    text: object,
    mapping: Mapping[str, str] | None = None,
    default: str | None = None,
    **_more: object,
) -> str:
    """Translate for Chameleon: `mapping` holds the parts of the page that are named inside."""
    if not isinstance(text, str):
        return str(text)
    found = TRANSLATE.get()(text)
    if found == text and default is not None:
        found = default
    if not mapping:
        return found
    return _INSERT.sub(lambda name: str(mapping.get(name[1], name[0])), found)


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """Read every catalogue there is, once, by the code of its language."""
    found: dict[str, Catalogue] = {}
    for folder in (FOLDER, *_before_ours):
        for path in sorted(folder.glob(f"*/{CATALOGUE}")):
            language = path.parts[-3]
            found[language] = replace(read_catalogue(path), under=found.get(language))
    return found


def put_before_ours(extensions: Sequence[Extension]) -> None:
    """Let what these extensions say in a language go before what Poser says, in this process."""
    folders = [one.folder / OF_EXTENSION for one in extensions]
    if folders != _before_ours:
        _before_ours[:] = folders
        catalogues.cache_clear()


def languages() -> Mapping[str, str]:
    """Give the languages that pages are offered in: code, and its name in that language."""
    own = {code: each("English") for code, each in catalogues().items()}
    return {
        SOURCE: "English",
        **{code: code if name == "English" else name for code, name in own.items()},
    }


def speak(language: str) -> None:
    """Let this request be answered in a language; one that there is not is English."""
    found = catalogues().get(language)
    if language == pseudo.LANGUAGE:
        LANGUAGE.set(language)
        TRANSLATE.set(pseudo.translate)
        SEVERAL.set(lambda number, one, many: pseudo.translate(_english(number, one, many)))
    elif found is not None:
        LANGUAGE.set(language)
        TRANSLATE.set(found)
        SEVERAL.set(found.several)
    else:
        LANGUAGE.set(SOURCE)
        TRANSLATE.set(_as_it_is)
        SEVERAL.set(_english)


def wanted(chosen: str, accepted: str) -> str:
    """Decide the language: what this browser's user chose here, else what the browser asks for."""
    if chosen in languages() or chosen == pseudo.LANGUAGE:
        return chosen
    best, weight = SOURCE, 0.0
    for each in accepted[:200].split(","):
        asked = _WANTED.fullmatch(each.strip())
        if asked and asked[1].lower() in languages() and float(asked[2] or 1) > weight:
            best, weight = asked[1].lower(), float(asked[2] or 1)
    return best
