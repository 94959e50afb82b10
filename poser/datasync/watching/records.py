# SPDX-License-Identifier: Apache-2.0
"""One record of a watched system: its key, its values as JSON, and whether it changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from poser.importing.compiling import compiled, is_normalized, said_names
from poser.importing.importer import Importer
from poser.importing.kinds import FieldProblem

_SIMPLE = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its key as the importer reads it, its values, a digest of these."""

    key: str
    data: str
    digest: bytes


def reader_of(
    importer: Importer, names: Sequence[str]
) -> Callable[[Sequence[object]], Record | None]:
    """Make the function that reads records whose values are called `names`.

    It returns None for a record that the importer leaves out, and raises FieldProblem for one
    whose key cannot be read.
    """
    fields = {one.name: one for one in importer.fields}
    only = type(importer)(key=importer.key, fields=tuple(fields[name] for name in importer.key))
    key_of = compiled(only, names)
    used = set(names) if is_normalized(importer) else set(said_names(importer))
    kept = [(at, name) for at, name in enumerate(names) if name in used]

    def read(values: Sequence[object]) -> Record | None:
        key = key_of(values)
        if key is None:
            return None
        data = json.dumps({name: _plain(values[at], name) for at, name in kept}, sort_keys=True)
        text = json.dumps([None if one is None else str(one) for one in key])
        return Record(text, data, sha256(data.encode()).digest())

    return read


def _plain(value: object, name: str) -> object:
    """Write a value as JSON has it; the importer reads texts as it reads a file's."""
    if isinstance(value, bytes | bytearray | memoryview):
        raise FieldProblem(name, "", "bytes cannot be watched")
    if isinstance(value, str) and "\0" in value:
        raise FieldProblem(name, value, "it has a NUL character")
    return value if isinstance(value, _SIMPLE) else str(value)
