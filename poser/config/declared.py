# SPDX-License-Identifier: Apache-2.0
"""Which settings there are: found in the source, so that nothing keeps a second list.

Checking a file needs every name, also those of programs that are not running now (the
command line checks the web app's section, too). Reading the names out of the source
takes milliseconds; importing the programs would take a second.
"""

import ast
import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from poser.config.environment import OTHERS, variable
from poser.config.files import PARENTS
from poser.config.settings import DECLARED, Setting
from poser.errors import ConfigError

PACKAGES = ("poser", "web")
"""The packages whose programs read the settings files of a node, besides extensions."""

_CLASSES = frozenset({"Setting", "Flag"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One declaration as the source has it."""

    name: str
    module: str
    path: Path
    line: int


@cache
def declared_names(extensions: tuple[str, ...] = ()) -> frozenset[str]:
    """Name every setting that may stand in a file, with those of extensions.

    Raises ConfigError for two declarations of one name, and for two names that would be
    the same environment variable.
    """
    variables: dict[str, Found] = {}
    for found in found_in_source(extensions):
        word = variable(found.name)
        other = variables.setdefault(word, found)
        if other is not found or word in OTHERS:
            raise ConfigError(
                f"{found.path}:{found.line}: the setting {found.name} is declared twice, or has"
                f" the environment variable {word} of {other.name}, {other.path}:{other.line}",
                hint="give it another name",
            )
    return frozenset(found.name for found in variables.values()) | set(PARENTS)


@cache
def declarations(extensions: tuple[str, ...] = ()) -> tuple[Setting[Any], ...]:
    """Import whatever declares settings and list the declarations by name."""
    for module in sorted({found.module for found in found_in_source(extensions)}):
        importlib.import_module(module)
    return tuple(DECLARED[name] for name in sorted(declared_names(extensions) & set(DECLARED)))


def declaration(name: str, extensions: tuple[str, ...] = ()) -> Setting[Any] | None:
    """Return the declaration of one setting, imported where needed; None for an unknown name."""
    if name not in DECLARED:
        for found in found_in_source(extensions):
            if found.name == name:
                importlib.import_module(found.module)
    return DECLARED.get(name)


@cache
def found_in_source(extensions: tuple[str, ...] = ()) -> tuple[Found, ...]:
    """Find every declaration in the source of our packages and of extensions."""
    return tuple(found for package in (*PACKAGES, *extensions) for found in _of_package(package))


def _of_package(package: str) -> Iterator[Found]:
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        root = Path(folder)
        for path in sorted(root.rglob("*.py")):
            if path.parent.name == "__pycache__":
                continue  # compiled templates lie there: much text, no declarations
            source = path.read_bytes()
            if b"Setting(" in source or b"Flag(" in source:
                parts = path.relative_to(root.parent).with_suffix("").parts
                module = ".".join(parts).removesuffix(".__init__")
                for name, line in _names(source, path):
                    yield Found(name=name, module=module, path=path, line=line)


def _names(source: bytes, path: Path) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise ConfigError(
            f"{path}:{getattr(error, 'lineno', 1)}: this is no Python that could be read: {error}",
            hint="mend it, or take the extension out of [poser] extensions",
        ) from error
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called),
                args=[ast.Constant(value=str(name)), *_],
            ) if called in _CLASSES:
                yield name, node.lineno
