# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL by its own psql, as the system user postgres, with SQL on standard input only."""

from __future__ import annotations

import os

from poser.machine.process import ENVIRONMENT, as_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from poser.machine.accounts import Accounts

SUPERUSER = "postgres"
SOCKET = "/var/run/postgresql/.s.PGSQL.5432"
_PROGRAMS = "/usr/lib/postgresql"
# psql must never ask, and never wait for long.
PSQL_ENVIRONMENT = {**ENVIRONMENT, "PGCONNECT_TIMEOUT": "20", "PGCLIENTENCODING": "UTF8"}


def psql(accounts: Accounts, database: str = "postgres") -> tuple[str, ...] | None:
    """Return the command that runs SQL from its standard input, or None before installation.

    The program itself is named: Debian's /usr/bin/psql is a Perl script that costs 30 ms.
    """
    try:
        versions = [name for name in os.listdir(_PROGRAMS) if name.isdecimal()]
    except FileNotFoundError:
        return None
    if not versions or SUPERUSER not in accounts.users:
        return None
    program = f"{_PROGRAMS}/{max(versions, key=int)}/bin/psql"
    options = ("-X", "-A", "-t", "-q", "-w", "-d", database)
    return as_user(accounts, SUPERUSER, (program, *options))


def literal(text: str) -> str:
    """Return a text as SQL string constant."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """Return a name as quoted SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
