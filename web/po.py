# SPDX-License-Identifier: Apache-2.0
"""Reads the catalogue of one language as translators keep it, a PO file.

The file itself is read, once before the workers start, so that no second form of it has to be
made and kept up. `web.catalogue` writes these files.
"""

import ast
import gettext
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from poser.errors import PoserError

_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr)(?:\[(\d+)\])? )?("(?:[^"\\]|\\.)*")')
_PLURALS = re.compile(r"plural\s*=\s*([^;]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The sentences of one language by those of the source.

    What it lacks, the catalogue `under` it may have.
    """

    sentences: Mapping[str, str]
    forms: Mapping[tuple[str, str], tuple[str, ...]]
    form_for: Callable[[int], int]
    under: "Catalogue | None" = None

    def __call__(self, text: str) -> str:
        """Translate a sentence; one that nobody translated yet stays English."""
        found = self.sentences.get(text)
        if found is None:
            return self.under(text) if self.under else text
        return found

    def several(self, number: int, one: str, many: str) -> str:
        """Translate words that depend on a number."""
        forms = self.forms.get((one, many))
        if forms is None:
            if self.under:
                return self.under.several(number, one, many)
            return self(one if number == 1 else many)
        return forms[self.form_for(number)]


def read_catalogue(path: Path) -> Catalogue:
    """Read a PO file. Raises PoserError for one that is damaged."""
    sentences: dict[str, str] = {}
    forms: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in path.read_text(encoding="utf-8").split("\n\n"):
        if "#, fuzzy" in entry:
            continue
        said = _entry(entry, path)
        one, many = said.get("msgid", ""), said.get("msgid_plural")
        if many is not None:
            found = tuple(said[f"msgstr{n}"] for n in range(len(said)) if f"msgstr{n}" in said)
            if all(found):
                forms[one, many] = found
                sentences.setdefault(one, found[0])
        elif said.get("msgstr"):
            sentences[one] = said["msgstr"]
    rule = _PLURALS.search(sentences.pop("", ""))
    return Catalogue(
        sentences=sentences,
        forms=forms,
        form_for=gettext.c2py(rule[1] if rule else "n != 1"),
    )


def _entry(text: str, path: Path) -> dict[str, str]:
    """Read one entry: each keyword with its strings, put together."""
    said: dict[str, str] = {}
    keyword = ""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None or not (found[1] or keyword):
            raise PoserError(f"{path}: {line!r} is no line of a PO file")
        keyword = f"{found[1]}{found[2] or ''}" if found[1] else keyword
        said[keyword] = said.get(keyword, "") + str(ast.literal_eval(found[3]))
    return said
