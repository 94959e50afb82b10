# SPDX-License-Identifier: Apache-2.0
"""The node that checks look at: its settings, its databases, what root saw of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from poser.clock import Clock, utc_now
from poser.doctor.check import Finding, not_known
from poser.errors import ConfigError, PoserError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from poser.config import Config
    from poser.extensions.packages import Extension

AS_ROOT = "run it as root: sudo poser doctor"


class Node(Protocol):
    """What the command line knows of a node."""

    @property
    def config(self) -> "Config":
        """The settings; raises ConfigError for files that cannot be read."""

    @property
    def extensions(self) -> "tuple[Extension, ...]":
        """The packages that extend Poser on this node."""

    def url(self, database: str) -> str:
        """Say where a database is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One node. `root_saw` is what `poser.machine.examine` wrote, None when root did not look.

    `root` is the folder that stands for / in tests.
    """

    node: Node
    root_saw: Mapping[str, Any] | None = None
    clock: Clock = utc_now
    root: Path = field(default_factory=lambda: Path("/"))

    def at(self, path: str) -> Path:
        """Give a path of this node."""
        return self.root / path.lstrip("/")

    @contextmanager
    def connected(self, database: str) -> "Iterator[Connection]":
        """Open a connection that reads only; raises Unavailable when nobody answers."""
        from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - slow

        from poser.db import engine  # noqa: PLC0415
        from poser.db.transactions import unavailable  # noqa: PLC0415

        made = engine(self.node.url(database), application="poser doctor", pool_size=1)
        try:
            with made.connect() as connection:
                yield connection.execution_options(postgresql_readonly=True)
        except OperationalError as error:
            raise unavailable(made, error) from error
        finally:
            made.dispose()

    def seen(self) -> Mapping[str, Any]:
        """Return what root saw. Raises PoserError, which says why there is nothing."""
        if self.root_saw is None:
            raise PoserError("only root can see that", hint=AS_ROOT)
        if not self.root_saw:
            raise PoserError(
                "this machine does not hold the kit that brought it to its role",
                hint="provision it again: bin/fab provision host=NAME",
            )
        if self.root_saw.get("error"):
            raise PoserError(str(self.root_saw["error"]), hint=str(self.root_saw["hint"]))
        return self.root_saw


def unanswered(error: PoserError) -> Finding:
    """End a check that met an error; what is wrong with the settings is said once."""
    if isinstance(error, ConfigError):
        return not_known("the settings are wrong", hint="look there first: poser doctor settings")
    return not_known(error.message, hint=error.hint)
