# SPDX-License-Identifier: Apache-2.0
"""The tables of extensions: named after them, and each defined once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from sqlalchemy import MetaData, Table
from sqlalchemy.exc import InvalidRequestError

from poser.db.base import Model, mappers
from poser.errors import PoserError
from poser.extensions.modules import load
from poser.extensions.packages import Extension

_TWICE = re.compile(r"Table '([^']+)' is already defined")


def load_models(extensions: Sequence[Extension]) -> None:
    """Import the tables of extensions, so that `Model.metadata` has them.

    Raises PoserError for a module that cannot be imported, a table that two define, and
    one whose name does not start with that of its extension.
    """
    import_module("poser.model").load()
    for extension in extensions:
        owners = {name: module for module, name in _mapped()}
        try:
            load([extension], "model")
        except PoserError as error:
            raise _table_twice(extension, error, owners) or error from error.__cause__
        for name in tables_of(extension):
            if not name.startswith(f"{extension.name}_"):
                raise PoserError(
                    f"extension {extension}: its table {name} is not named after it",
                    hint=f"call it {extension.name}_{name}: no other extension, and no later"
                    " release of Poser, will have a table of that name",
                )


def tables_of(extension: Extension) -> list[str]:
    """Name the tables of an extension whose models are loaded."""
    mapped = {name for module, name in _mapped() if _is_of(module, extension)}
    links = {name for name in Model.metadata.tables if name.startswith(f"{extension.name}_")}
    return sorted(mapped | links)


def _table_twice(
    extension: Extension, error: PoserError, owners: Mapping[str, str]
) -> PoserError | None:
    cause = error.__cause__
    twice = _TWICE.search(str(cause)) if isinstance(cause, InvalidRequestError) else None
    if twice is None:
        return None
    return PoserError(
        f"extension {extension}: the table {twice[1]} is defined by"
        f" {owners.get(twice[1], 'another module')} already",
        hint=f"call it {extension.name}_..., and change its revision with it",
    )


def _mapped() -> Iterator[tuple[str, str]]:
    """Yield the module of each mapped class, and the name of its table."""
    for mapper in mappers():
        if isinstance(mapper.local_table, Table):
            yield mapper.class_.__module__, mapper.local_table.name


def _is_of(module: str, extension: Extension) -> bool:
    return module == extension.package or module.startswith(f"{extension.package}.")


def metadata_of(database: str, extensions: Sequence[Extension] = ()) -> MetaData:
    """Return all tables of a database as the models have them, with those of extensions.

    The models of the `poser` database are in `poser.model`, those of another in a package
    named after it, such as `poser.trainwreck.model`.
    """
    if database == "poser":
        load_models(extensions)
        return Model.metadata
    found: dict[int, MetaData] = {}
    for value in vars(import_module(f"poser.{database}.model")).values():
        metadata = getattr(value, "metadata", None) if isinstance(value, type) else None
        if isinstance(metadata, MetaData) and metadata is not Model.metadata:
            found[id(metadata)] = metadata
    (only,) = found.values()
    return only
