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
from functools import cache
from pathlib import Path
from typing import Any

from poser.config.files import PARENTS
from poser.config.settings import DECLARED, Setting

PACKAGES = ("poser", "web")
"""The packages whose programs read the settings files of a node."""


@cache
def declared_names() -> frozenset[str]:
    """Name every setting that may stand in a file."""
    names = {name for module in _modules() for name in module[1]}
    return frozenset(names | set(PARENTS))


@cache
def declarations() -> tuple[Setting[Any], ...]:
    """Import whatever declares settings and list the declarations by name."""
    for module, _names in _modules():
        importlib.import_module(module)
    return tuple(DECLARED[name] for name in sorted(declared_names() & set(DECLARED)))


@cache
def _modules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Find the modules that declare settings, each with the names it declares."""
    found = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            root = Path(folder)
            for path in sorted(root.rglob("*.py")):
                source = path.read_bytes()
                if b"Setting(" in source and (names := tuple(_names(source))):
                    parts = path.relative_to(root.parent).with_suffix("").parts
                    found.append((".".join(parts).removesuffix(".__init__"), names))
    return tuple(found)


def _names(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="Setting"), args=[ast.Constant(value=str(name)), *_]):
                yield name
