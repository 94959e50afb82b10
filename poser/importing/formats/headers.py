# SPDX-License-Identifier: Apache-2.0
"""The line of a file that names its columns."""

from collections import Counter
from collections.abc import Sequence

from poser.errors import ImportFailed
from poser.importing.source import Place


def header(values: Sequence[object], place: Place, source: str) -> tuple[str, ...]:
    """Take the names of columns; one without a name is "", and nobody reads it.

    Raises ImportFailed where two are the same: which of them is meant is not guessed.
    """
    names = tuple("" if value is None else str(value).strip() for value in values)
    where = f"{source}, {f'line {place}' if isinstance(place, int) else place}"
    if not any(names):
        raise ImportFailed(
            f"{where}: no column has a name", hint="the first line has to name the columns"
        )
    for name, count in Counter(names).items():
        if name and count > 1:
            at = [str(number) for number, each in enumerate(names, start=1) if each == name]
            raise ImportFailed(
                f"{where}: {count} columns are called {name!r}: the {' and the '.join(at)}.",
                hint="give each column a name of its own",
            )
    return names


def nameless(names: Sequence[str]) -> str:
    """Say which columns have no name, for people; "" if all have one."""
    at = [str(number) for number, name in enumerate(names, start=1) if not name]
    if not at:
        return ""
    columns = "column" if len(at) == 1 else "columns"
    return f"{columns} {', '.join(at)} without a name: left out"
