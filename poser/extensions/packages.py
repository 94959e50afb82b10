# SPDX-License-Identifier: Apache-2.0
"""Which packages are extensions, and where they lie; imports none of them.

Light: the command line asks at each start.
"""

import importlib.util
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from poser.errors import ConfigError

PREFIX = "poser_"
OWN = ("poser", "web", "migrations")
"""Packages of Poser itself, which no extension can be."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One installed extension: its package, and the folder of that."""

    package: str
    folder: Path

    @property
    def name(self) -> str:
        """Its short name, `coop` for poser_coop: its branch, and how its tables start."""
        return short_name(self.package)

    def modules(self, kind: str) -> tuple[str, ...]:
        """Name the modules in one of its folders ("model", "cli.commands"), in their order."""
        folder = self.folder.joinpath(*kind.split("."))
        found = pkgutil.iter_modules([str(folder)])
        return tuple(
            sorted(f"{self.package}.{kind}.{one.name}" for one in found if one.name[0] != "_")
        )

    def __str__(self) -> str:
        return self.package


def short_name(package: str) -> str:
    """Return what an extension's tables and revisions start with."""
    return package.removeprefix(PREFIX) or package


def split(text: str) -> tuple[str, ...]:
    """Return the names in the value of the setting: one a line, or commas between."""
    return tuple(name for name in re.split(r"[,\s]+", text) if name)


def find(names: Sequence[str], *, place: str) -> tuple[Extension, ...]:
    """Find the packages of extensions, in the order they are named.

    `place` is where they are named, for messages. Raises ConfigError for a name that is
    no package's, is not installed, or is that of another extension.
    """
    found: dict[str, Extension] = {}
    for name in names:
        extension = Extension(package=name, folder=_folder(name, place))
        other = found.setdefault(extension.name, extension)
        if other is not extension:
            same = "twice" if other.package == name else f"beside {other}: both are {other.name!r}"
            raise ConfigError(
                f"{place}: extension {name} is named {same}", hint="take one of them out"
            )
    return tuple(found.values())


def _folder(package: str, place: str) -> Path:
    if not _NAME.fullmatch(package):
        near = re.sub(r"[^a-z0-9_]", "_", package.lower()).lstrip("0123456789_")
        raise ConfigError(
            f"{place}: {package!r} is not the name of a Python package",
            hint=f"write it as it is imported, such as {near or 'poser_coop'}",
        )
    if package in OWN:
        raise ConfigError(
            f"{place}: {package} is Poser itself, not an extension", hint="take it out"
        )
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    folders = list((spec and spec.submodule_search_locations) or ())
    if not folders:
        raise ConfigError(
            f"{place}: extension {package} is not installed",
            hint="install it beside Poser (`extensions` in the inventory does), or take it out of"
            " [poser] extensions",
        )
    return Path(folders[0])
