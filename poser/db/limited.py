# SPDX-License-Identifier: Apache-2.0
"""Work that somebody without every right started: it writes nothing that they may not.

Imports, batches and what takes them back write whatever tables they are about. Whoever may
start one must not become an administrator by it, nor change what goods cost without the
permission. So the process that does such work says how it is limited, once, and every
connection that it opens tells PostgreSQL, whose triggers refuse (revisions poser_0027 and
poser_0029). What is watched is said by the models: tables with `info={"rights": True}`, and
columns whose `info` names the permission to `change` them.
"""

from collections.abc import Mapping
from contextvars import ContextVar

from sqlalchemy import FromClause, MetaData, Table

LIMITED: ContextVar[bool] = ContextVar("LIMITED", default=False)
"""This work was started by somebody without every right, or by nobody who is known."""

LACKS: ContextVar[frozenset[str]] = ContextVar("LACKS", default=frozenset())
"""Permissions to change columns that whoever started this work has not."""

SQLSTATE = "PR001"
"""What PostgreSQL answers when such work writes what it may not."""


def said_to_postgresql() -> Mapping[str, str]:
    """Give the settings by which a connection tells its limits; there is no way back for it."""
    lacks = ",".join(sorted(LACKS.get()))
    limited = {"poser.is_limited": "yes"} if LIMITED.get() else {}
    return {**limited, "poser.lacks": lacks} if lacks else limited


def gives_rights(table: Table) -> bool:
    """Tell whether a table says who may do what, or holds what proves who somebody is."""
    return bool(table.info.get("rights"))


def asked_by(table: FromClause) -> Mapping[str, str]:
    """Give the columns of a table that ask whoever changes them for a permission, and for which."""
    return {c.name: c.info["change"] for c in table.columns if "change" in c.info}


def asked_anywhere(metadata: MetaData) -> frozenset[str]:
    """List the permissions that columns of any table ask for."""
    return frozenset(
        need for table in metadata.tables.values() for need in asked_by(table).values()
    )
