# SPDX-License-Identifier: Apache-2.0
"""Whether the extensions of a node fit together, and fit this release; needs no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version

from poser.config import Config
from poser.config.declared import found_in_source
from poser.db.branches import OF_EXTENSIONS, Branch, branches
from poser.errors import PoserError
from poser.extensions.commands import commands
from poser.extensions.configured import extensions
from poser.extensions.models import load_models, tables_of
from poser.extensions.packages import Extension
from poser.extensions.permissions import permissions, permissions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What one extension adds to Poser."""

    package: str
    version: str
    head: str | None
    tables: tuple[str, ...]
    commands: tuple[str, ...]
    permissions: tuple[str, ...]
    settings: tuple[str, ...]


def checked(config: Config, own_commands: Sequence[str] = ()) -> tuple[Extension, ...]:
    """Return the extensions of a node once all of them is found to fit.

    Imports their tables. Raises PoserError, or ConfigError, for the first thing that does
    not: one not installed or not importable, revisions that are missing or need a newer
    release, and tables, commands, permissions or settings that two have.
    """
    found = extensions(config)
    if found:
        load_models(found)
        branches(OF_EXTENSIONS, found)
        commands(found, own_commands)
        permissions(found)
        for extension in found:
            _refuse_foreign_settings(extension)
    return found


def contents(found: Sequence[Extension]) -> list[Contents]:
    """Say what each extension adds; they are checked already."""
    heads = {branch.name: branch for branch in branches(OF_EXTENSIONS, found)}
    words = commands(found, ())
    return [
        Contents(
            package=one.package,
            version=_version(one),
            head=_head(heads.get(one.name)),
            tables=tuple(tables_of(one)),
            commands=tuple(word for word, (owner, _) in words.items() if owner == one),
            permissions=tuple(permission.name for permission in permissions_of(one)),
            settings=settings_of(one),
        )
        for one in found
    ]


def settings_of(extension: Extension) -> tuple[str, ...]:
    """Name the settings that the source of an extension declares."""
    package = f"{extension.package}."
    found = found_in_source((extension.package,))
    return tuple(sorted(one.name for one in found if f"{one.module}.".startswith(package)))


def _refuse_foreign_settings(extension: Extension) -> None:
    for name in settings_of(extension):
        if not name.startswith((f"{extension.name}.", f"{extension.name}_")):
            raise PoserError(
                f"extension {extension}: its setting {name} is not named after it",
                hint=f"put it into the section [{extension.name}]",
            )


def _head(branch: Branch | None) -> str | None:
    return branch.head if branch else None


def _version(extension: Extension) -> str:
    names = packages_distributions().get(extension.package, ())
    return version(names[0]) if names else "not packaged"
