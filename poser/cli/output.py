# SPDX-License-Identifier: Apache-2.0
"""Writing results: columns for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence

import click

_WIDEST = 60


def write_json(value: object) -> None:
    """Write a value as JSON on standard output; times and the like as their text."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def write_columns(rows: Sequence[Sequence[str]]) -> None:
    """Write rows in columns, each as wide as its widest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def write_table(rows: Sequence[Sequence[str]]) -> None:
    """Write rows in columns, the first one at the left, the others as numbers at the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        click.echo("  ".join((first.ljust(widths[0]), *cells)).rstrip())


def shown(fields: Mapping[str, str | None], name: str) -> str:
    """Write a value in one line: empty for no value, quoted where it would mislead."""
    value = fields.get(name)
    if value is None:
        return "-"
    line = value if value.isprintable() and value not in {"", "-"} else repr(value)
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
