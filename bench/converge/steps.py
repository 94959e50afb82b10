# SPDX-License-Identifier: Apache-2.0
"""A role's resources as plain steps that any tool can be told: files, packages, commands.

The translation is mechanical and complete: a kind of resource it does not know, or a field of
one that it cannot express, is an error. So all tools are told the same things.
"""

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

Step = dict[str, Any]


def psql_guard(step: Step) -> str:
    """Return the shell command that succeeds when a step's query answers yes."""
    query = ["psql", "-X", "-A", "-t", "-d", step["database"], "-c", step["query"]]
    psql = shlex.join(["runuser", "-u", "postgres", "--", *query])
    return f'test "$({psql} 2>/dev/null)" = t'
