# SPDX-License-Identifier: Apache-2.0
"""Odd one-offs: a command with a guard."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Resource):
    """A command that runs unless its guard says it has run; keep these few.

    Exactly one guard: `unless` is a command that exits 0 when there is nothing to do (it runs on
    every look: keep it cheap), `creates` a path, `unless_sql` a database and a query for one
    boolean, which rides on the one psql of the look. `stdin` reaches the command's standard
    input and may be a secret.
    """

    name: str
    run: tuple[str, ...]
    unless: tuple[str, ...] = ()
    creates: str = ""
    unless_sql: tuple[str, ...] = ()
    user: str = "root"
    stdin: str | Secret = ""

    @property
    def key(self) -> str:
        return f"command {self.name}"
