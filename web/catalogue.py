# SPDX-License-Identifier: Apache-2.0
"""Brings catalogues up to date: `python -m web.catalogue [--of PACKAGE] [LANGUAGE]`.

Sentences are found in three places: marked ones in templates (by lingua), in Python (by Babel,
in calls of `_`, `mark`, `several` and `plural`), and the words of declarations, which are
translated where they are shown: titles, labels, help, permissions. What is translated stays;
what nobody says any more goes; the rest waits for a translator with an empty `msgstr`. Named
with a new language, it begins a catalogue. For developers: lingua and Babel are on no node.

With the package of an extension, the catalogues in its own folder: they hold what it says and
Poser does not, and keep what it says otherwise than Poser.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from poser.config import load
from poser.config.environment import variable
from poser.extensions.configured import EXTENSIONS, extensions
from poser.extensions.models import load_models
from poser.extensions.packages import Extension
from poser.importing.found import found
from web import rendering
from web.assets import Assets
from web.language import CATALOGUE, FOLDER, OF_EXTENSION
from web.menu import Area
from web.pages import find_pages
from web.rendering import Templates
from web.resources import Resource
from web.runs.options import label_of, options_of
from web.runs.starting import FROM_ELSEWHERE
from web.site import Node, Site
from web.users.passwords import SENTENCES

WEB = Path(__file__).parent
KEYWORDS = {"_": None, "mark": None, "several": (2, 3), "plural": (2, 3)}
ROLES = ("host", "store", "cloud")
"""The kinds of nodes, which the frame of each page names."""

# Written by hand: Babel's would change with each run.
_HEAD = """\
# SPDX-License-Identifier: Apache-2.0
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence, or a pair for one and several, and the file that says it."""

    text: str | tuple[str, str]
    place: str


def messages(site: Site) -> Iterator[Message]:
    """Find every sentence that people read on pages."""
    yield from _in_templates(WEB / "templates", WEB.parent)
    yield from _in_templates(WEB / "portal" / "templates", WEB.parent)
    yield from _in_python(WEB)
    yield from _declared(site)


def messages_of(extension: Extension) -> Iterator[Message]:
    """Find what people read on the pages of an extension, and not on Poser's own."""
    known = {each.text for each in messages(_site())}
    place = extension.folder.parent
    with_it = _site(extension.package)
    load_models(extensions(with_it.config))
    for part in (
        _in_templates(extension.folder / rendering.OF_EXTENSION, place),
        _in_python(extension.folder),
        _declared(with_it, extension.package),
    ):
        yield from (each for each in part if each.text not in known)


def update(found: Iterable[Message], folder: Path, language: str, kept: frozenset[str]) -> int:
    """Bring one catalogue up to date; return how many of its sentences are not translated.

    `kept` are sentences whose translations stay, though nobody in `found` says them.
    """
    from babel.messages import Catalog  # noqa: PLC0415 - for developers only
    from babel.messages.pofile import read_po, write_po  # noqa: PLC0415

    template = Catalog(project="Poser", fuzzy=False)
    for message in sorted(found, key=lambda each: (each.place, str(each.text))):
        template.add(message.text, locations=[(message.place, 0)])
    path = folder / language / CATALOGUE
    catalogue = Catalog(locale=language, project="Poser", fuzzy=False)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    for each in catalogue:
        if each.id and (each.id if isinstance(each.id, str) else each.id[0]) in kept:
            template.add(each.id, locations=each.locations)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(_HEAD.format(language=language, plurals=catalogue.plural_forms).encode())
        write_po(
            file, catalogue, width=99, sort_output=True, include_lineno=False, omit_header=True
        )
    return sum(1 for each in catalogue if each.id and not _is_translated(each.string))


def _is_translated(string: Any) -> bool:  # noqa: ANN401 - Babel's, text or texts
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _in_templates(folder: Path, place: Path) -> Iterator[Message]:
    from lingua.extractors.xml import ChameleonExtractor  # type: ignore[import-untyped]  # noqa: PLC0415

    options = SimpleNamespace(domain=None, keywords=[], comment_tag=None)
    for path in sorted(folder.glob("*.pt")):
        name = str(path.relative_to(place))
        extractor = ChameleonExtractor()
        # lingua takes only what is in a domain; pages have one, so templates need not name it.
        whole = f'<tal:all i18n:domain="poser">{path.read_text()}</tal:all>'
        for each in extractor(str(path), options, BytesIO(whole.encode())):
            yield Message(each.msgid, name)


def _in_python(package: Path) -> Iterator[Message]:
    from babel.messages.extract import extract  # noqa: PLC0415 - for developers only

    for path in sorted(package.rglob("*.py")):
        name = str(path.relative_to(package.parent))
        with path.open("rb") as file:
            for _line, text, _comments, _context in extract("python", file, KEYWORDS):
                yield Message(text if isinstance(text, str) else (text[0], text[1]), name)


def _declared(site: Site, package: str = "") -> Iterator[Message]:
    """Find what declarations say in people's words; with a package, that is where they stand."""
    pages = find_pages(site)
    for word in ("English", *ROLES, *(area.value for area in Area)):
        yield Message(word, "web/menu.py")
    for said in SENTENCES:
        yield Message(said, "poser/auth")
    for item in pages.menu:
        yield Message(item.title, package or "web/pages")
    for route in pages.routes:
        if what := getattr(route.need, "what", ""):
            yield Message(what, package or "web/pages")
    for one in found(extensions(site.config)).values():
        yield Message(one.title, package or "poser/importing")
        for option in options_of(one) if one.key not in FROM_ELSEWHERE else ():
            yield Message(option.help, package or "poser/importing")
            yield Message(label_of(option), package or "poser/importing")
    for resource in site.resources.values():
        words = filter(None, _of_resource(resource))
        yield from (Message(text, package or "web/pages") for text in words)
        yield Message((resource.one, resource.many), package or "web/pages")


def _of_resource(resource: Resource) -> Iterator[str]:
    yield from (resource.title, resource.one, resource.many, resource.about, resource.empty)
    yield resource.search_hint
    yield from (section.title for section in resource.all_sections)
    yield from (related.title for related in resource.related)
    yield from (action.label for action in resource.actions)
    yield from (permission.what for permission in resource.permissions)
    for field in resource.form.values():
        yield from (field.label, field.help, *(label for _, label in field.options))
    for column in (*resource.grid.columns, *resource.grid.more):
        yield column.label
        yield from (option.label for option in column.options)
    for one in resource.grid.filters:
        yield getattr(one, "label", "")


def _site(package: str = "") -> Site:
    """Make surroundings that are enough to declare pages in, of an extension if need be."""
    assets = Assets()
    return Site(
        config=load([], environment={variable(EXTENSIONS.name): package} if package else {}),
        node=Node(name="poser", role="store", release=""),
        engines={},
        templates=Templates(assets, FOLDER),  # no page is shown, so none is compiled
        assets=assets,
        secret=b"",
        is_secure=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring all catalogues up to date and say what is left to translate."""
    parser = argparse.ArgumentParser(prog="python -m web.catalogue", description=__doc__)
    parser.add_argument("--of", default="", metavar="PACKAGE", help="of this extension")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    asked = parser.parse_args(arguments)
    found, folder, kept = [*messages(_site())], FOLDER, frozenset[str]()
    if asked.of:
        (extension,) = extensions(_site(asked.of).config)
        kept = frozenset(one for each in found for one in _texts(each))
        found, folder = [*messages_of(extension)], extension.folder / OF_EXTENSION
    for language in sorted({*asked.languages, *(path.name for path in folder.glob("*/"))}):
        left = update(found, folder, language, kept)
        sys.stdout.write(f"{language}: {left} to translate\n")
    return 0


def _texts(message: Message) -> tuple[str, ...]:
    return (message.text,) if isinstance(message.text, str) else message.text


if __name__ == "__main__":
    sys.exit(main())
