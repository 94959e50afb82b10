# SPDX-License-Identifier: Apache-2.0
"""What was seen on a machine, keyed by what was asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    Query: TypeAlias = tuple[str, str]
    Fact: TypeAlias = dict[str, Any] | None
    Changes: TypeAlias = Mapping[Query, Fact]


class Facts:
    """Answers to queries. A query is (table, name), such as ("path", "/etc/hosts").

    An answer is None when the thing is not there, else a JSON object whose members the table
    defines (see `poser.machine.lookups`). An answer {"unknown": WHY} says that one cannot look yet,
    such as at a database while its server is down.
    """

    __slots__ = ("tables",)

    def __init__(self, tables: Mapping[str, Mapping[str, Fact]] | None = None) -> None:
        self.tables: dict[str, dict[str, Fact]] = {
            table: dict(rows) for table, rows in (tables or {}).items()
        }

    def get(self, table: str, name: str) -> Fact:
        """Return the answer to one query; KeyError if nobody has asked it."""
        return self.tables[table][name]

    def has(self, query: Query) -> bool:
        """Say whether this query was asked."""
        return query[1] in self.tables.get(query[0], {})

    def update(self, changes: Changes) -> None:
        """Take over newer answers."""
        for (table, name), fact in changes.items():
            self.tables.setdefault(table, {})[name] = fact

    def copy(self) -> Facts:
        """Return facts that can be changed without changing these."""
        return Facts(self.tables)

    def unknown(self, queries: Iterable[Query]) -> str:
        """Return why one of these cannot be answered yet, or "" when all can."""
        for table, name in queries:
            fact = self.tables[table][name]
            if fact is not None and "unknown" in fact:
                return str(fact["unknown"])
        return ""
