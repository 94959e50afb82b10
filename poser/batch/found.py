# SPDX-License-Identifier: Apache-2.0
"""Which types of batch there are: found by listing the folders that they lie in."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType

from poser.batch.batch_type import BatchType
from poser.errors import PoserError
from poser.extensions.modules import load
from poser.extensions.packages import Extension

TYPES = "poser.batch.types"
FOLDER = "batches"


def batch_types(extensions: Sequence[Extension] = ()) -> Mapping[str, BatchType]:
    """List the types by key. Raises PoserError for a key that two have."""
    found: dict[str, BatchType] = {}
    for module in (*_own(), *load(extensions, FOLDER)):
        for one in _in_module(module):
            other = found.setdefault(one.key, one())
            if type(other) is not one:
                raise PoserError(
                    f"two types of batch have the key {one.key!r}: {type(other).__name__} in"
                    f" {type(other).__module__} and {one.__name__} in {one.__module__}",
                    hint="give one another key",
                )
    return dict(sorted(found.items()))


def batch_type(key: str, extensions: Sequence[Extension] = ()) -> BatchType:
    """Find the type of a key. Raises PoserError for a key that none has."""
    types = batch_types(extensions)
    if key not in types:
        near = difflib.get_close_matches(key, types, n=1)
        raise PoserError(
            f"there is no type of batch {key!r}",
            hint=f"did you mean {near[0]}?" if near else f"there is: {', '.join(types)}",
        )
    return types[key]


def _own() -> Iterator[ModuleType]:
    folder = importlib.import_module(TYPES)
    for name in sorted(one.name for one in pkgutil.iter_modules(folder.__path__)):
        yield importlib.import_module(f"{TYPES}.{name}")


def _in_module(module: ModuleType) -> Iterator[type[BatchType]]:
    """Give the types that a module itself has, and none that it imports."""
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, BatchType)
            and value.__module__ == module.__name__
            and "key" in vars(value)
        ):
            yield value
