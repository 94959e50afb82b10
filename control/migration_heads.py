# SPDX-License-Identifier: Apache-2.0
"""Reads the newest migrations of each database from the revision files, without running them."""

import ast
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from poser.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The migrations of an extension: all of them, and the newest."""

    revisions: frozenset[str]
    head: str


def of_extension(folder: Path, known: Collection[str]) -> Branch | None:
    """Return the migrations of an extension in `folder`; None when it has none.

    Raises ConfigError for one that needs a migration which is not among the `known`.
    """
    if not any(folder.glob("[!_]*.py")):
        return None
    newest = _heads(folder)
    if len(newest) != 1:
        raise ConfigError(
            f"{folder} has {len(newest)} newest migrations: {', '.join(newest)}",
            hint="each follows the one before it: write that as its down_revision",
        )
    revisions = set()
    for file in sorted(folder.glob("[!_]*.py")):
        values = _constants(file)
        revisions.add(str(values.get("revision")))
        if (needs := values.get("needs")) and needs not in known:
            raise ConfigError(
                f"{file} needs the migration {needs!r}, which this checkout does not have",
                hint="use a newer checkout of Poser, or an older one of the extension",
            )
    return Branch(revisions=frozenset(revisions), head=newest[0])


def revisions(versions: Path) -> frozenset[str]:
    """Return all migrations in the folders below `versions`."""
    files = versions.glob("*/[!_]*.py")
    return frozenset(str(_constants(file).get("revision")) for file in files)


def heads(versions: Path) -> dict[str, tuple[str, ...]]:
    """Return the heads of each folder below `versions`: revisions that no other follows.

    Raises ConfigError for a file without a revision, and for one that follows an unknown one.
    """
    folders = sorted(each for each in versions.iterdir() if any(each.glob("*.py")))
    return {folder.name: _heads(folder) for folder in folders}


def _heads(folder: Path) -> tuple[str, ...]:
    followed: dict[str, Path] = {}
    revisions: set[str] = set()
    for file in sorted(folder.glob("[!_]*.py")):
        values = _constants(file)
        revision = values.get("revision")
        if not isinstance(revision, str):
            raise ConfigError(
                f"{file} names no revision",
                hint='a migration has a line such as revision = "a1b2c3"',
            )
        revisions.add(revision)
        before = values.get("down_revision")
        names = before if isinstance(before, tuple) else (before,)
        followed.update({name: file for name in names if isinstance(name, str)})
    for name, file in followed.items():
        if name not in revisions:
            raise ConfigError(
                f"{file} follows the migration {name!r}, which is not there",
                hint="its down_revision must be the revision of another file in the same folder",
            )
    return tuple(sorted(revisions - set(followed)))


def _constants(file: Path) -> dict[str, object]:
    """Return the module's names that are set to constants, such as revision = "a1b2"."""
    found: dict[str, object] = {}
    for statement in ast.parse(file.read_text(encoding="utf-8"), str(file)).body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                try:
                    found[target.id] = ast.literal_eval(value)
                except ValueError:
                    continue
    return found
