# SPDX-License-Identifier: Apache-2.0
"""Importing what extensions have in their folders; every failure names the extension."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from sqlalchemy import Table
from sqlalchemy.exc import InvalidRequestError

from poser.db.base import Model
from poser.errors import PoserError
from poser.extensions.packages import Extension

_TWICE = re.compile(r"Table '([^']+)' is already defined")


def load(extensions: Sequence[Extension], kind: str) -> list[ModuleType]:
    """Import all modules of one kind ("model"; later "importing", "pages"), in their order.

    Raises PoserError that names the extension, the module and the cause.
    """
    return [_imported(one, name) for one in extensions for name in one.modules(kind)]


def load_models(extensions: Sequence[Extension]) -> None:
    """Import the tables of extensions, so that `Model.metadata` has them.

    Raises PoserError for a table that two define, or whose name does not start with that of
    its extension.
    """
    import_module("poser.model")
    load(extensions, "model")
    for extension in extensions:
        for name in sorted(tables_of(extension)):
            if not name.startswith(f"{extension.name}_"):
                raise PoserError(
                    f"extension {extension}: its table {name} is not named after it",
                    hint=f"call it {extension.name}_{name}: no other extension, and no later"
                    " release of Poser, will have a table of that name",
                )


def tables_of(extension: Extension) -> set[str]:
    """Name the tables of an extension whose models are loaded."""
    mapped = {
        mapper.local_table.name
        for mapper in Model.registry.mappers
        if _is_of(mapper.class_.__module__, extension) and isinstance(mapper.local_table, Table)
    }
    links = {name for name in Model.metadata.tables if name.startswith(f"{extension.name}_")}
    return mapped | links


def load_one(extension: Extension, name: str) -> ModuleType | None:
    """Import a module that an extension may have, such as `permissions`; None if it has none."""
    full = f"{extension.package}.{name}"
    has = (extension.folder / f"{name}.py").exists() or (extension.folder / name).is_dir()
    return _imported(extension, full) if has and find_spec(full) else None


def _imported(extension: Extension, name: str) -> ModuleType:
    try:
        return import_module(name)
    except PoserError:
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        if isinstance(error, InvalidRequestError) and (twice := _TWICE.search(words)):
            raise _table_twice(extension, twice[1]) from error
        raise PoserError(
            f"extension {extension}: {name} cannot be imported: {type(error).__name__}: {words}",
            hint=f"mend it, or take {extension} out of [poser] extensions",
        ) from error


def _table_twice(extension: Extension, table: str) -> PoserError:
    owner = next(_owners(table), "another module")
    return PoserError(
        f"extension {extension}: the table {table} is defined by {owner} already",
        hint=f"call it {extension.name}_..., and change its revision with it",
    )


def _owners(table: str) -> Iterator[str]:
    for mapper in Model.registry.mappers:
        if isinstance(mapper.local_table, Table) and mapper.local_table.name == table:
            yield mapper.class_.__module__


def _is_of(module: str, extension: Extension) -> bool:
    return module == extension.package or module.startswith(f"{extension.package}.")
