# SPDX-License-Identifier: Apache-2.0
"""Writing results: columns for people, JSON for programs."""

import json
from collections.abc import Sequence

import click


def write_json(value: object) -> None:
    """Write a value as JSON on standard output; times and the like as their text."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def write_columns(rows: Sequence[Sequence[str]]) -> None:
    """Write rows in columns, each as wide as its widest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
