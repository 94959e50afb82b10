# SPDX-License-Identifier: Apache-2.0
"""`poser datasync conflicts`: rows that two nodes changed at once, and who decides."""

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json
from poser.errors import PoserError

if TYPE_CHECKING:
    from poser.model import DatasyncConflict

NEWEST = 50


@click.command()
@click.argument("conflict", required=False, type=click.UUID, metavar="[ID]")
@click.option("--open", "only_open", is_flag=True, help="Those that wait for a person only.")
@click.option("--take", type=click.Choice(["theirs", "ours"]), help="Settle the conflict ID so.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME",
    help="With --take theirs: take this field only, the others stay as they are here.",
)
@as_json
@pass_node
def command(
    node: Node,
    conflict: UUID | None,
    *,
    only_open: bool,
    take: str | None,
    fields: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the rows that two nodes changed without knowing of each other, or settle one.

    Most are settled by what is declared for their table. Those that are open wait for a person;
    until then the values of the host hold. What is taken goes to all nodes.

    \b
    Examples:
      poser datasync conflicts --open
      sudo poser datasync conflicts 0190f1a2-... --take theirs
      sudo poser datasync conflicts 0190f1a2-... --take theirs --field phone
    """  # noqa: D301 - click reads \b as "keep these lines"
    if (conflict is None) != (take is None) or (fields and take != "theirs"):
        raise click.UsageError("settle a conflict as: conflicts ID --take theirs [--field NAME]")
    if conflict is not None:
        click.echo(f"settled: {_settle(node, conflict, take == 'theirs', fields)}")
        return
    from poser.datasync.resolving import conflicts  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    engine = node.engine("poser", command="datasync conflicts")
    with transaction(engine, read_only=True) as session:
        found = conflicts(session, only_open=only_open, limit=NEWEST)
    if as_json:
        write_json([_all_of(one) for one in found])
    elif not found:
        click.echo("no conflict is open" if only_open else "there was no conflict yet")
    else:
        heads = ("id", "noticed (UTC)", "with", "row", "field", "here", "there", "decided by")
        write_columns([heads, *(line for one in found for line in _lines(one))])


def _settle(node: Node, key: UUID, is_theirs: bool, fields: tuple[str, ...]) -> str:  # noqa: FBT001
    from poser.datasync.resolving import resolve  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415
    from poser.model import DatasyncConflict  # noqa: PLC0415

    load_models(node.extensions)
    with transaction(node.engine("poser", command="datasync conflicts")) as session:
        found = session.get(DatasyncConflict, key)
        if found is None:
            raise PoserError(
                f"no conflict has the id {key}", hint="poser datasync conflicts --open"
            )
        taken = (fields or tuple(found.fields)) if is_theirs else ()
        return resolve(session, key, theirs=taken, by=_who())


def _who() -> str:
    from poser.db.authors import AUTHOR  # noqa: PLC0415 - slow

    author = AUTHOR.get()
    return (author.user_name if author else "") or "the command line"


def _lines(one: "DatasyncConflict") -> list[tuple[str, ...]]:
    """Write a conflict as a line for each of its fields."""
    from poser.datasync.resolving import differing  # noqa: PLC0415 - slow

    decided = "waits for a person" if one.is_open else one.decided_by
    at = one.at.strftime("%Y-%m-%d %H:%M:%S")
    row = f"{one.table_name} {one.key}"
    head = (str(one.id), at, one.peer, row)
    fields = list(one.fields) if one.ours and one.theirs else ["(the row)"]
    if not one.fields:
        fields = differing(one)[:1]
    lines: list[tuple[str, ...]] = []
    for name in fields or [""]:
        lines.append((*head, name, _value(one.ours, name), _value(one.theirs, name), decided))
        head, decided = ("", "", "", ""), ""
    return lines


def _value(row: dict[str, Any] | None, name: str) -> str:
    if row is None:
        return "deleted"
    if name not in row:
        return "changed" if name else ""
    value = row[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _all_of(one: "DatasyncConflict") -> dict[str, Any]:
    names = ("id", "at", "peer", "table_name", "key", "fields", "decided_by", "is_open")
    rows = ("base", "ours", "theirs", "result")
    return {name: getattr(one, name) for name in (*names, *rows)}
