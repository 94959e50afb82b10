# SPDX-License-Identifier: Apache-2.0
"""Which handlers there are: found by reading the folders they lie in, importing none.

Import handlers of Poser lie in `poser/importing/sources/`, those of an extension in its folder
`importing/`; export handlers in `poser/importing/targets/` and in `exporting/`. A class there
that says `key = "..."` in its body is a handler; the words behind `poser import` are listed
from that in milliseconds. An extension may put its own in the place of another one by saying
`replaces = True`.
"""

import ast
import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poser.errors import PoserError
from poser.extensions.modules import imported
from poser.extensions.packages import Extension

if TYPE_CHECKING:
    from poser.importing.exporting import ExportHandler
    from poser.importing.handler import ImportHandler

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """In or out: the package of Poser's own handlers, an extension's folder, their class."""

    word: str
    package: str
    folder: str
    module: str
    class_name: str


IMPORT = Direction(
    word="import",
    package="poser.importing.sources",
    folder="importing",
    module="poser.importing.handler",
    class_name="ImportHandler",
)
EXPORT = Direction(
    word="export",
    package="poser.importing.targets",
    folder="exporting",
    module="poser.importing.exporting",
    class_name="ExportHandler",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One handler as its source says it: its key, its title, and where it is."""

    direction: Direction
    key: str
    title: str
    class_name: str
    module: str
    place: str
    replaces: bool = False
    extension: Extension | None = None

    @property
    def of(self) -> str:
        """Say whose it is, for people."""
        return f"extension {self.extension}" if self.extension else "Poser itself"

    def load(self) -> type[Any]:
        """Import it. Raises PoserError for a class that is no handler after all."""
        kind = getattr(importlib.import_module(self.direction.module), self.direction.class_name)
        module = (
            imported(self.extension, self.module)
            if self.extension
            else importlib.import_module(self.module)
        )
        found = getattr(module, self.class_name, None)
        if not (isinstance(found, type) and issubclass(found, kind)):
            raise PoserError(
                f"{self.place}: {self.class_name} says key = {self.key!r}, and is no"
                f" {self.direction.class_name}",
                hint='the key of an importer is a tuple: key = ("number",)',
            )
        return found


def found(
    extensions: Sequence[Extension] = (), direction: Direction = IMPORT
) -> Mapping[str, Found]:
    """List the handlers by key. Raises PoserError for a key that two have, or a bad one."""
    handlers: dict[str, Found] = {}
    theirs = (one for extension in extensions for one in _of(extension, direction))
    for each in (*_own(direction), *theirs):
        if not _KEY.fullmatch(each.key):
            raise PoserError(
                f"{each.place}: the key {each.key!r} cannot be typed",
                hint="small letters, digits, and hyphens between: north-wind",
            )
        other = handlers.get(each.key)
        if other and not each.replaces:
            raise PoserError(
                f"two {direction.word} handlers have the key {each.key!r}: {other.class_name} of"
                f" {other.of} ({other.place}) and {each.class_name} of {each.of} ({each.place})",
                hint="give one another key; `replaces = True` puts the second in the first's place",
            )
        handlers[each.key] = each
    return dict(sorted(handlers.items()))


def handler(key: str, extensions: Sequence[Extension] = ()) -> "type[ImportHandler]":
    """Import the import handler of a key. Raises PoserError for a key that none has."""
    return _named(key, IMPORT, extensions).load()


def exporter(key: str, extensions: Sequence[Extension] = ()) -> "type[ExportHandler]":
    """Import the export handler of a key. Raises PoserError for a key that none has."""
    return _named(key, EXPORT, extensions).load()


def _named(key: str, direction: Direction, extensions: Sequence[Extension]) -> Found:
    handlers = found(extensions, direction)
    if key not in handlers:
        near = difflib.get_close_matches(key, handlers, n=1)
        word = direction.word
        raise PoserError(
            f"there is no {word} handler {key!r}",
            hint=f"did you mean {near[0]}?" if near else f"poser {word} list shows them",
        )
    return handlers[key]


def _own(direction: Direction) -> Iterator[Found]:
    package = direction.package
    folders = importlib.import_module(package).__path__
    names = sorted(f"{package}.{one.name}" for one in pkgutil.iter_modules(folders))
    yield from _in_modules(direction, Path(folders[0]), names)


def _of(extension: Extension, direction: Direction) -> Iterator[Found]:
    names = extension.modules(direction.folder)
    yield from _in_modules(direction, extension.folder / direction.folder, names, extension)


def _in_modules(
    direction: Direction, folder: Path, names: Iterable[str], extension: Extension | None = None
) -> Iterator[Found]:
    for module in names:
        name = module.rpartition(".")[2]
        path = folder / f"{name}.py"
        path = path if path.exists() else folder / name / "__init__.py"
        for node in _classes(path):
            said = dict(_constants(node))
            if isinstance(said.get("key"), str):
                yield Found(
                    direction=direction,
                    key=str(said["key"]),
                    title=(ast.get_docstring(node) or "").partition("\n")[0],
                    class_name=node.name,
                    module=module,
                    place=f"{path}:{node.lineno}",
                    replaces=said.get("replaces") is True,
                    extension=extension,
                )


def _classes(path: Path) -> Iterator[ast.ClassDef]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise PoserError(
            f"{path}:{getattr(error, 'lineno', None) or 1}: import handlers cannot be read:"
            f" {getattr(error, 'msg', None) or error}",
            hint="mend the file; if it is an extension's, it can be taken out of the settings",
        ) from error
    yield from (node for node in tree.body if isinstance(node, ast.ClassDef))


def _constants(node: ast.ClassDef) -> Iterator[tuple[str, object]]:
    """Give what the body of a class sets to a plain value."""
    for line in node.body:
        match line:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value))
            ):
                yield name, value
