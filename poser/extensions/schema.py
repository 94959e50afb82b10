# SPDX-License-Identifier: Apache-2.0
"""Checking a live schema against the models of Poser and of its extensions."""

from collections.abc import Sequence

from poser.db.branches import branches
from poser.db.checking import Difference, differences, untidy
from poser.db.migrations import State, status_of
from poser.db.owning import connected
from poser.extensions.models import metadata_of
from poser.extensions.packages import Extension


def check_schema(database: str, url: str, extensions: Sequence[Extension] = ()) -> list[Difference]:
    """List what is not as it should be with a database; nothing is changed.

    One whose revisions are not those of this release is not compared further: the models
    would differ in everything. Raises Unavailable if the database does not answer.
    """
    metadata = metadata_of(database, extensions)
    with connected(database, url) as connection:
        found = status_of(database, branches(database, extensions), connection)
        wrong = [
            Difference(
                what=f"branch {one.name}", how=f"is {one.state} at {one.current or 'nothing'}"
            )
            for one in found.branches
            if one.state not in {State.CURRENT, State.LEFT}
        ]
        left = tuple(one.name for one in found.branches if one.state is State.LEFT)
        return wrong or [*differences(connection, metadata, without=left), *untidy(connection)]
