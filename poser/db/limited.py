# SPDX-License-Identifier: Apache-2.0
"""Work that somebody without every right started: it writes no table that gives rights.

Imports, batches and what takes them back write whatever tables they are about. Whoever may
start one must not become an administrator by it. So the process that does such work says that
it is limited, once, and every connection that it opens tells PostgreSQL, whose triggers refuse
(revision poser_0027). Which tables these are is said by the models: `info={"rights": True}`.
"""

from contextvars import ContextVar

from sqlalchemy import Table

LIMITED: ContextVar[bool] = ContextVar("LIMITED", default=False)
"""This work was started by somebody without every right, or by nobody who is known."""

SETTING = "poser.is_limited"
"""What a connection tells PostgreSQL; there is no way back for it."""

SQLSTATE = "PR001"
"""What PostgreSQL answers when such work writes a table that gives rights."""


def gives_rights(table: Table) -> bool:
    """Tell whether a table says who may do what, or holds what proves who somebody is."""
    return bool(table.info.get("rights"))
