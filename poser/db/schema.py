# SPDX-License-Identifier: Apache-2.0
"""Whether the databases have the schema that a program was written for: asked at its start."""

import logging
from collections.abc import Mapping, Sequence

from poser.db import migrations
from poser.db.migrations import BranchStatus, State
from poser.errors import PoserError
from poser.extensions.packages import Extension

log = logging.getLogger(__name__)


def require_schema(urls: Mapping[str, str], extensions: Sequence[Extension] = ()) -> None:
    """Raise PoserError for a database that is older than this release and its extensions need.

    `urls` are the addresses of the databases that the program uses, by name. One that a newer
    release has prepared already is let pass with a warning: the first half of its revisions
    lets the release before run, and after an upgrade that was cut off a shop needs its
    programs. Raises Unavailable if a database does not answer.
    """
    for name, url in urls.items():
        for branch in migrations.status(name, url, extensions).branches:
            _require(name, branch)


def _require(database: str, branch: BranchStatus) -> None:
    who = "" if branch.name == database else f" of extension {branch.name}"
    match branch.state:
        case State.UNKNOWN:
            log.warning(
                "schema is from a newer release",
                extra={"database": database, "branch": branch.name, "revision": branch.current},
            )
        case State.BEHIND | State.EMPTY:
            needs = "this release" if not who else f"extension {branch.name}"
            raise PoserError(
                f"database {database!r} has {branch.current or 'no tables at all'}{who}, but"
                f" {needs} needs {branch.head}",
                hint="bring it up to date: poser db upgrade",
            )
        case State.LEFT:
            log.info(
                "tables of an extension that no setting names",
                extra={"database": database, "branch": branch.name},
            )
