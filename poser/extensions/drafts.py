# SPDX-License-Identifier: Apache-2.0
"""Writes the file of a drafted revision into the branch of a database or an extension."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from poser.db.branches import OF_EXTENSIONS, branches, migrations_folder
from poser.db.catalog import Line
from poser.db.checking import both
from poser.db.drafting import Draft, draft
from poser.db.migrations import State, status_of
from poser.db.owning import connected
from poser.errors import PoserError
from poser.extensions.models import metadata_of
from poser.extensions.packages import Extension

_WORDS = {
    "alembic": ("op",),
    "migrations.recording": ("record", "unrecord"),
    "migrations.tables": (
        *("CREATED_AT", "KEY", "MODIFIED_AT", "Index", "Rule", "column", "create_table"),
        *("drop_columns", "drop_tables", "extend_table"),
    ),
}


def write_draft(
    branch: str, url: str, what: str, extensions: Sequence[Extension] = ()
) -> Path | None:
    """Draft the next revision of a branch; returns its file, or None if nothing differs.

    `branch` is a database or the name of an extension, `what` the first line of the file.
    Raises PoserError for a database that lacks revisions: what they do would be drafted again.
    """
    extension = next((one for one in extensions if one.name == branch), None)
    database = OF_EXTENSIONS if extension else branch
    begun = [one for one in extensions if any((one.folder / "migrations").glob("[!_]*.py"))]
    known = branches(database, begun)
    own = next((each for each in known if each.name == branch), None)
    metadata = metadata_of(database, extensions)
    with connected(database, url) as connection:
        for one in status_of(database, known, connection).branches:
            if one.state not in {State.CURRENT, State.LEFT}:
                raise PoserError(
                    f"{one.name} is {one.state} in this database, so nothing can be drafted on it",
                    hint="bring it up to date first: poser db upgrade",
                )
        live, wanted = both(connection, metadata)
    made = draft(
        _of_branch(live, extension, extensions), _of_branch(wanted, extension, extensions), metadata
    )
    if not made.upgrade:
        return None
    after = own.head if own else None
    number = f"{int(after.rpartition('_')[2]) + 1 if after else 1:04}"
    needs = known[0].head if extension else None
    folder = extension.folder / "migrations" if extension else _folder(database)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number}_{_slug(what)}.py"
    path.write_text(_source(f"{branch}_{number}", after, needs, what, made), encoding="utf-8")
    return path


def _folder(database: str) -> Path:
    return migrations_folder() / "versions" / database


def _of_branch(
    lines: Mapping[str, Line], extension: Extension | None, extensions: Sequence[Extension]
) -> dict[str, Line]:
    """Leave out what belongs to another branch."""
    others = tuple(f"{one.name}_" for one in extensions if one is not extension)
    mine = f"{extension.name}_" if extension else ""
    return {
        what: line
        for what, line in lines.items()
        if line.of.startswith(mine) and not line.of.startswith(others)
    }


def _source(revision: str, after: str | None, needs: str | None, what: str, made: Draft) -> str:
    body = "\n".join((*made.upgrade, *made.downgrade))
    imports = [
        f"from {module} import {', '.join(used)}"
        for module, words in _WORDS.items()
        if (used := [word for word in words if re.search(rf"(?<![\w.\"]){word}\b", body)])
    ]
    needed = (
        f"# The newest revision of Poser whose tables this one uses.\nneeds = {_text(needs)}\n"
        if needs
        else ""
    )
    return (
        f'# SPDX-License-Identifier: Apache-2.0\n"""{what.rstrip(".")}."""\n\n'
        + "\n".join(imports)
        + f"\n\nrevision = {_text(revision)}\ndown_revision = {_text(after) if after else None}\n"
        + "branch_labels = None\ndepends_on = None\n"
        + needed
        + "# pre: before the new code, and the previous release still runs on it; post: after it.\n"
        + f"phase = {_text('post' if made.loses else 'pre')}\n\n\n"
        + f"def upgrade() -> None:\n{_indented(made.upgrade)}\n\n\n"
        + f"def downgrade() -> None:\n{_indented(made.downgrade)}\n"
    )


def _indented(steps: Sequence[str]) -> str:
    lines = [line for step in steps for line in step.splitlines()]
    if all(line.startswith("#") for line in lines):
        lines.append("pass")
    return "\n".join(f"    {line}" for line in lines)


def _slug(what: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", what.lower()).strip("_") or "changes"


def _text(text: str) -> str:
    return json.dumps(text)
