# SPDX-License-Identifier: Apache-2.0
"""Writes a table of text for a terminal: first column left, the others right."""

from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return `rows` under `heads` as lines of text.

    Raises ValueError when a row has another number of cells than there are heads.
    """
    for row in rows:
        if len(row) != len(heads):
            raise ValueError(f"{len(row)} cells for {len(heads)} columns: {row}")
    widths = [max(len(line[column]) for line in (heads, *rows)) for column in range(len(heads))]
    lines = [_line(heads, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join([first, *rest]).rstrip()
