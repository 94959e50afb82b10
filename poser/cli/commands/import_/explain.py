# SPDX-License-Identifier: Apache-2.0
"""`poser import explain`: how one record of a source maps."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from poser.cli.app import REFUSED
from poser.cli.handlers import HandlerCommand, Handlers, node_of
from poser.cli.output import write_columns, write_json
from poser.importing.found import found
from poser.importing.words import OPTIONS, asked_from, described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poser.importing.explaining import Explained, Mapped
    from poser.importing.found import Found

_WIDEST = 40
_TAKEN = [one for one in OPTIONS if one.name in {"where", "key", "creates", "updates"}]
_ARGUMENTS = (
    click.Argument(["model"], metavar="MODEL"),
    click.Argument(["record"], metavar="RECORD"),
)
_AS_JSON = click.Option(["--json", "as_json"], is_flag=True, help="Write JSON.")


def _made(one: "Found") -> click.Command:
    return HandlerCommand(one, _described, _explain)


@click.group(cls=Handlers, package="", listed=found, made=_made)
def command() -> None:
    """Show how one record of a source maps to a row, field by field; nothing is written.

    RECORD is the value of the key, of several fields with commas between, or line:14.
    Exits with 5 if an import would keep the record aside.

    \b
    Examples:
      poser import explain csv Product 00012345678905 --from products.csv
      poser import explain csv Product line:14 --from products.csv
    """  # noqa: D301 - click reads \b as "keep these lines"


def _described(one: "Found") -> "tuple[str, Sequence[click.Parameter]]":
    return described(one, (*_ARGUMENTS, *_TAKEN, _AS_JSON))


def _explain(context: click.Context, one: "Found", typed: Mapping[str, Any]) -> None:
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.importing.explaining import explain  # noqa: PLC0415

    node = node_of(context)
    handler = one.load()()
    asked = asked_from({**typed, "models": (typed["model"],)}, handler.options)
    engine = node.engine("poser", command="import explain")
    with transaction(engine, read_only=True) as session:
        told = explain(session, handler, asked, typed["record"])
    if typed["as_json"]:
        write_json(asdict(told))
    else:
        _write(told, typed["record"])
    context.exit(REFUSED if told.is_refused else 0)


def _write(told: "Explained", record: str) -> None:
    where = f"line {told.place}" if isinstance(told.place, int) else told.place
    click.echo(f"{told.model} {record}, {where}: {_said(told)}")
    if told.fields:
        head = ("field", "from", "has", "becomes", "in Poser")
        write_columns([head, *(_row(told, one) for one in told.fields)])


def _said(told: "Explained") -> str:
    if told.problem:
        return f"kept aside: {told.problem}"
    if told.is_left_out:
        return "left out by the importer"
    if told.is_refused:
        return "kept aside"
    if told.kind:
        return f"{told.kind} (row {told.row_id})" if told.row_id else str(told.kind)
    differs = any(one.differs for one in told.fields)
    if told.row_id is None or differs:
        return "an import would leave it"
    return f"nothing to change (row {told.row_id})"


def _row(told: "Explained", one: "Mapped") -> tuple[str, ...]:
    becomes = one.problem or _text(one.new if one.new is not None else one.value)
    there = "" if told.row_id is None else "differs: " if one.differs else "the same"
    if one.differs:
        there += _text(one.old)
    return (one.name, one.how, _text(one.given), becomes, there)


def _text(value: object) -> str:
    if value is None:
        return "-"
    words = value if isinstance(value, str) else str(value)
    words = words if words.isprintable() and words not in {"", "-"} else repr(words)
    return words if len(words) <= _WIDEST else words[: _WIDEST - 1] + "…"
