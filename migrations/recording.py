# SPDX-License-Identifier: Apache-2.0
"""Putting tables under history and change capture: for revisions of the core and extensions.

A revision that creates a table calls `record("its_name")` at the end of its `upgrade`, and
`unrecord("its_name")` before it drops the table. A recorded table has a primary key
`id uuid`. The model says the same, and a test holds both together:

- nothing: history and capture, which is right for nearly every table;
- `{"info": {"history": False, "capture": False}}` in `__table_args__`: neither (sessions,
  events, what history itself keeps), and no call of `record`; or one of the two, and
  `record(..., capture=False)`;
- `info={"history": False}` of a column: not kept, and a change of it alone makes no version
  (`record(..., without=("seen_at",))`);
- `info={"history": "secret"}` of a column: that it changed is kept, and never its value
  (`record(..., secret=("password_hash",))`).

A revision that changes these calls `record` again with what holds from then on.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def record(
    table: str,
    *,
    history: bool = True,
    capture: bool = True,
    without: Sequence[str] = (),
    secret: Sequence[str] = (),
) -> None:
    """Keep every change of a table from now on; again for the same table, newly told how.

    `history` and `capture` can be switched at run time afterwards; what is False here cannot
    be switched on. Generated columns are never kept. PostgreSQL refuses a table without a
    primary key `id uuid`, and columns that are not there.
    """
    op.execute(
        sa.text(
            "SELECT record_changes(CAST(:name AS regclass), history => :history,"
            " capture => :capture, without => CAST(:without AS text[]),"
            " secret => CAST(:secret AS text[]))"
        ).bindparams(
            name=table,
            history=history,
            capture=capture,
            without=list(without),
            secret=list(secret),
        )
    )


def unrecord(table: str) -> None:
    """Stop keeping the changes of a table for good; versions that there are stay readable."""
    op.execute(sa.text("SELECT unrecord_changes(CAST(:name AS regclass))").bindparams(name=table))
