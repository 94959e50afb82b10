# SPDX-License-Identifier: Apache-2.0
"""Branches of schema history: one for each database, and one for each extension with tables.

A branch is a folder of revisions in one line, each named after its branch (`poser_0001`,
`coop_0001`). It keeps its newest revision in a table of its own: with one table for all,
a database that once had an extension could no longer be read without it (see
docs/decisions/0016-extensions.md). What a revision says of itself:

    revision, down_revision   its id, and the one before it
    phase                     "pre": runs before the new code; "post": after it
    needs                     (extensions) the revision of Poser whose tables it uses
"""

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from poser.databases import DATABASES
from poser.errors import PoserError
from poser.extensions.packages import Extension

OF_EXTENSIONS = "poser"
"""The database that extensions add tables to."""


class Phase(StrEnum):
    """Which revisions to run: those before the new code, or all up to the newest."""

    PRE = "pre"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One step of a branch: its id, the one before it, when it runs, and what it is.

    `ends_release` names the release (such as 0.1) that it is the newest revision of.
    """

    id: str
    after: str | None
    phase: str
    needs: str | None
    what: str
    ends_release: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of revisions, oldest first."""

    name: str
    database: str
    folder: Path
    revisions: tuple[Revision, ...]
    extension: Extension | None = None

    @property
    def version_table(self) -> str:
        """The table that says how far a database is."""
        return version_table(self.name if self.extension else None)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its revisions, oldest first."""
        return tuple(revision.id for revision in self.revisions)

    @property
    def head(self) -> str:
        """The id of its newest revision."""
        return self.revisions[-1].id

    def after(self, current: str | None) -> tuple[Revision, ...]:
        """Return what follows a revision of it; all of it after none."""
        return self.revisions[self.ids.index(current) + 1 if current else 0 :]


def version_table(extension: str | None) -> str:
    """Name the table that keeps the revision of a database, or of an extension in it."""
    return f"alembic_version_{extension}" if extension else "alembic_version"


def branches(database: str, extensions: Sequence[Extension] = ()) -> tuple[Branch, ...]:
    """Read the branches of a database: its own first, then those of extensions.

    Raises PoserError for a database there is not, a branch that is missing or not one line,
    and an extension that needs a newer release of Poser than this.
    """
    if database not in DATABASES:
        raise PoserError(
            f"there is no database {database!r}", hint=f"one of {', '.join(DATABASES)}"
        )
    core = _branch(database, database, migrations_folder() / "versions" / database)
    if database != OF_EXTENSIONS:
        return (core,)
    found = [core]
    for extension in extensions:
        if branch := _of_extension(extension):
            _refuse_unmet(branch, found)
            found.append(branch)
    return tuple(found)


def migrations_folder() -> Path:
    """Return the folder of the package `migrations`."""
    spec = importlib.util.find_spec("migrations")
    if spec is None or spec.origin is None:
        raise PoserError(
            "the package `migrations` is not installed",
            hint="run from the checkout, or install the release again",
        )
    return Path(spec.origin).parent


def alembic_config(folder: Path) -> AlembicConfig:
    """Return what Alembic needs to run the revisions in `folder`."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("version_locations", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def _of_extension(extension: Extension) -> Branch | None:
    folder = extension.folder / "migrations"
    if any(folder.glob("[!_]*.py")):
        return _branch(extension.name, OF_EXTENSIONS, folder, extension)
    if extension.modules("model"):
        raise PoserError(
            f"extension {extension} has tables, but no revisions in {folder}",
            hint=f"`poser db revision NAME --database {extension.name}` drafts the first one;"
            " is the folder in its wheel?",
        )
    return None


def _branch(name: str, database: str, folder: Path, extension: Extension | None = None) -> Branch:
    whose = f"extension {extension}" if extension else f"database {name}"
    try:
        scripts = list(ScriptDirectory.from_config(alembic_config(folder)).walk_revisions())
    except (CommandError, KeyError) as error:
        raise _broken(whose, folder, " ".join(str(error).split())) from error
    except Exception as error:
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise _broken(whose, folder, f"a revision cannot be imported: {words}") from error
    revisions = tuple(_revision(name, whose, script) for script in reversed(scripts))
    for before, revision in zip((None, *revisions), revisions, strict=False):
        if revision.after != (before and before.id):
            raise _broken(
                whose, folder, f"{revision.id} does not follow {before.id if before else 'nothing'}"
            )
    return Branch(
        name=name, database=database, folder=folder, revisions=revisions, extension=extension
    )


def _revision(branch: str, whose: str, script: Script) -> Revision:
    """Read what a revision says of itself. Raises PoserError for what Poser cannot run."""
    module = script.module
    path = Path(script.path)
    if not re.fullmatch(rf"{re.escape(branch)}_\d{{4}}", script.revision):
        hint = f'write revision = "{branch}_0001", counting up'
        raise PoserError(f"{whose}: {path} cannot be called {script.revision!r}", hint=hint)
    if getattr(module, "phase", None) not in {"pre", "post"}:
        raise PoserError(
            f"{whose}: {path} does not say when it runs",
            hint='write phase = "pre" if the previous release works with it, else "post"',
        )
    if script.dependencies:
        raise PoserError(
            f"{whose}: {path} uses depends_on, which mixes branches in one version table",
            hint="write needs = ... instead; docs/decisions/0016-extensions.md says why",
        )
    return Revision(
        id=script.revision,
        after=script.down_revision if isinstance(script.down_revision, str) else None,
        phase=module.phase,
        needs=getattr(module, "needs", None),
        what=(script.doc or "").strip().rstrip("."),
        ends_release=getattr(module, "ends_release", None),
    )


def _broken(whose: str, folder: Path, words: str) -> PoserError:
    return PoserError(
        f"{whose}: its revisions are not one line: {words}",
        hint=f"each revision in {folder} has the one before it as its down_revision",
    )


def _refuse_unmet(branch: Branch, before: Sequence[Branch]) -> None:
    """Refuse an extension that needs a revision which this release does not have."""
    known = {revision for other in before for revision in other.ids}
    if branch.revisions[0].needs is None:
        raise PoserError(
            f"extension {branch.extension}: {branch.ids[0]} does not say what it needs of Poser",
            hint=f'write needs = "{before[0].head}", the newest revision it was written for',
        )
    for revision in branch.revisions:
        if revision.needs and revision.needs not in known:
            raise PoserError(
                f"extension {branch.extension}: {revision.id} needs {revision.needs}, which this"
                f" release does not have; its newest is {before[0].head}",
                hint="install a newer release of Poser, or an older one of the extension; an"
                " extension that needs another is named after it",
            )
