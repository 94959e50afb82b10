# SPDX-License-Identifier: Apache-2.0
"""Whether the databases have the schema that this release was written for."""

import logging

from poser.db import migrations
from poser.db.migrations import State
from poser.errors import PoserError
from web.site import Site

log = logging.getLogger(__name__)


def check_schema(site: Site) -> None:
    """Raise PoserError for a database that is older than this release needs.

    One that a newer release has prepared already is let pass with a warning: the first
    half of its revisions lets the release before run, and after an upgrade that was cut
    off a shop needs its web app. Raises Unavailable if a database does not answer.
    """
    for name, engine in site.engines.items():
        found = migrations.status(name, engine.url.render_as_string(hide_password=False))
        if found.state is State.UNKNOWN:
            log.warning(
                "schema is from a newer release",
                extra={"database": name, "revision": ",".join(found.current)},
            )
        elif found.state is not State.CURRENT:
            has = ", ".join(found.current) or "no tables at all"
            raise PoserError(
                f"database {name!r} has {has}, but this release needs {', '.join(found.heads)}",
                hint="bring it up to date: poser db upgrade",
            )
