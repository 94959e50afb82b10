# SPDX-License-Identifier: Apache-2.0
"""One look at a machine: every question asked once, per source, all sources at the same time."""

from __future__ import annotations

import os
from importlib import import_module

from poser.errors import PoserError
from poser.machine.facts import Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import ModuleType

    from poser.machine.facts import Changes, Query
    from poser.machine.resource import Resource

    # Takes what is asked of each table, and the root; starts programs; returns what waits for them.
    Lookup = Callable[[Mapping[str, Sequence[str]], str], Callable[[], Changes]]


def look(resources: Iterable[Resource], root: str = "") -> Facts:
    """Return the facts that these resources ask for, of the machine below `root`."""
    return answers((query for resource in resources for query in resource.queries()), root)


def answers(queries: Iterable[Query], root: str = "") -> Facts:
    """Return the facts for these queries."""
    asked: dict[str, dict[str, None]] = {}
    for table, name in queries:
        asked.setdefault(table, {})[name] = None
    lists = {table: list(names) for table, names in asked.items()}
    facts = Facts()
    for answer in [lookup(lists, root) for lookup in _lookups(lists)]:
        facts.update(answer())
    return facts


def _lookups(asked: Iterable[str]) -> list[Lookup]:
    """Return the lookups of these tables; those that only wait for programs answer last."""
    by_table = {table: module for module in _modules() for table in module.TABLES}
    missing = [table for table in asked if table not in by_table]
    if missing:
        raise PoserError(f"nothing looks up {', '.join(missing)}: a module is missing in lookups/")
    modules = {by_table[table].__name__: by_table[table] for table in asked}
    ordered = sorted(modules.values(), key=lambda module: hasattr(module, "WAITS"))
    return [module.look for module in ordered]


def _modules() -> list[ModuleType]:
    folder = os.path.join(os.path.dirname(__file__), "lookups")
    names = sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py"))
    return [import_module(f"{__package__}.lookups.{name}") for name in names if name != "__init__"]
