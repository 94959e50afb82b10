# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: the cluster, its settings, who may come in, roles and databases."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PgCluster(Resource):
    """The cluster VERSION/main of Debian, complete and running.

    A cluster whose making was interrupted is made anew; the leftover is moved aside, not deleted.
    """

    version: str

    @property
    def key(self) -> str:
        return f"postgresql cluster {self.version}/main"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgSettings(Resource):
    """Server settings in conf.d/poser.conf of the cluster VERSION/main, in force.

    A value may be a share of the machine's memory: "memory/4 max 2048MB". The server is
    restarted only when a changed setting needs it, else it reads its files again.
    """

    version: str
    values: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return f"postgresql settings {self.version}/main"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgHba(Resource):
    """Who may connect: the whole pg_hba.conf (and pg_ident.conf) of the cluster, in force."""

    version: str
    lines: tuple[str, ...]
    ident: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"postgresql access {self.version}/main"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgRole(Resource):
    """A role of the database server; its password is kept as a SCRAM verifier."""

    name: str
    login: bool = True
    createdb: bool = False
    password: Secret | None = None

    @property
    def key(self) -> str:
        return f"postgresql role {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgDatabase(Resource):
    """A database in UTF-8 with its owner and extensions."""

    name: str
    owner: str
    extensions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"postgresql database {self.name}"
