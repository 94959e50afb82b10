# SPDX-License-Identifier: Apache-2.0
"""How rows would be after a run, as queries: what rules are held against before it writes."""

from collections.abc import Sequence

from poser.importing.becoming import Query, columns_as, with_generated
from poser.importing.difference import LETTERS, difference_of, value
from poser.importing.parts import Part, Shape, quoted
from poser.importing.result import Kind
from poser.importing.staging import stage_of

_BY_DIFFERENCE = Query(value=value, is_new=f"d.kind = '{LETTERS[Kind.CREATE]}'", id="d.row_id")


def candidates(part: Part, shape: Shape, kinds: Sequence[Kind]) -> str:
    """Write a query of the rows that a part creates or updates, as they would be.

    Beside the table's columns they have `_n` and `_kind`.
    """
    stored = [name for name in shape.types if name not in shape.generated]
    columns = columns_as(part, stored, shape, _BY_DIFFERENCE)
    letters = ", ".join(f"'{LETTERS[kind]}'" for kind in kinds)
    rows = (
        f"SELECT d.n AS _n, d.kind AS _kind, {columns} FROM {difference_of(part)} AS d"  # noqa: S608 - quoted
        f" JOIN {stage_of(part)} AS s ON s._n = d.n"
        f" LEFT JOIN {quoted(part.table)} AS t ON t.id = d.row_id AND d.kind <> 'c'"
        f" WHERE d.kind IN ({letters})"
    )
    return with_generated(rows, shape.generated, shape)


def after(part: Part, shape: Shape) -> str:
    """Write a query of all rows of a table as they would be; `_n` is NULL for those that stay."""
    names = ", ".join(quoted(name) for name in shape.types)
    changed = f"'{LETTERS[Kind.UPDATE]}', '{LETTERS[Kind.DELETE]}'"
    return (
        f'SELECT NULL::bigint AS _n, NULL::"char" AS _kind, {names} FROM {quoted(part.table)} AS t'  # noqa: S608 - quoted
        f" WHERE NOT EXISTS (SELECT FROM {difference_of(part)} AS d"
        f" WHERE d.row_id = t.id AND d.kind IN ({changed}))"
        f" UNION ALL SELECT _n, _kind, {names}"
        f" FROM ({candidates(part, shape, (Kind.CREATE, Kind.UPDATE))}) AS new"
    )
