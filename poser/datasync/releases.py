# SPDX-License-Identifier: Apache-2.0
"""Nodes of different releases: one apart work together, those further apart wait.

A node is told the revision of the other's database. Who knows it from its own revisions is the
newer one, and judges. Columns that only the newer one has go down and are left out there, visibly,
until it is upgraded and compared as a whole; they never go up, or what they hold would be lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from poser.datasync.declared import synced
from poser.db.branches import Revision, branches

Columns = Mapping[str, Sequence[str]]
"""Columns by table."""


@cache
def revisions() -> tuple[Revision, ...]:
    """Return the revisions of the database `poser` that this release knows, oldest first."""
    return branches("poser")[0].revisions


def place(revision: str) -> int | None:
    """Return the place of a revision in this release's line, None for one that it does not know."""
    ids = [one.id for one in revisions()]
    return ids.index(revision) if revision in ids else None


def too_far(ours: str, theirs: str, name: str) -> str:
    """Say why a peer of another release has to wait, empty when it has not, or must judge itself.

    `ours` and `theirs` are revisions of the database `poser`, `name` is the peer's.
    """
    here, there = place(ours), place(theirs)
    if here is None or there is None:
        return ""
    between = revisions()[min(here, there) : max(here, there)]
    ended = [one.ends_release for one in between if one.ends_release]
    if len(ended) <= 1:
        return ""
    return (
        f"{name} is at {theirs} and this node at {ours}: the releases {', '.join(ended)} ended"
        f" between them, and one may at most; upgrade {name if there < here else 'this node'}"
    )


def strangers(ours: str, theirs: str, name: str) -> str:
    """Say that neither node knows the revision of the other."""
    return (
        f"{name} is at {theirs}, this node at {ours}, and neither knows the other's revision:"
        " provision both from the same repository"
    )


def unknown(columns: Columns) -> list[str]:
    """Name the columns (table.column) and tables (table.*) of a peer that are not here."""
    return sorted(_unknown(columns))


def _unknown(columns: Columns) -> Iterable[str]:
    for table, names in columns.items():
        here = synced().get(table)
        if here is None:
            yield f"{table}.*"
        else:
            yield from (f"{table}.{name}" for name in names if name not in here.columns)


def known_by_now(columns: Iterable[str]) -> bool:
    """Tell whether this release has one of the columns that an older one here left out."""
    left = [one.partition(".")[::2] for one in columns]
    return any(
        table in synced() and (column == "*" or column in synced()[table].columns)
        for table, column in left
    )
