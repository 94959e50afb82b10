# SPDX-License-Identifier: Apache-2.0
"""`poser datasync watched`: other systems that this node watches."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json

if TYPE_CHECKING:
    from poser.datasync.watching.statuses import WatchedStatus


@click.command()
@click.argument("name", default="")
@click.option("--look", is_flag=True, help="Look at NAME now, at all of it, and bring it in.")
@click.option("--check", is_flag=True, help="End with 3 when somebody has to act.")
@as_json
@pass_node
def command(node: Node, name: str, *, look: bool, check: bool, as_json: bool) -> int:
    """Show the systems that this node watches, and the records of them that were refused.

    The setting datasync.watch names them. What changed there is imported by itself; a record that
    is refused waits and is tried again, all others go on. After eight tries a person has to act:
    put it right there, or here and `retry`, or `drop` it.

    \b
    Examples:
      poser datasync watched
      sudo poser datasync watched wholesaler --look
      sudo poser datasync pause wholesaler --why "they count their stock"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.watching.lines import named  # noqa: PLC0415 - slow
    from poser.datasync.watching.statuses import refused, watched  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    if look and not name:
        raise click.UsageError("--look: name the system to look at")
    engine = node.engine("poser", command="datasync watched")
    if name:
        named(node.config, name)
    if look:
        _look(node, name)
    with transaction(engine, read_only=True) as session:
        found = [one for one in watched(session) if name in {"", one.name}]
        bad = refused(session, name)
    if as_json:
        write_json({"watched": [_json(one) for one in found]})
    elif not found:
        click.echo("nothing is watched yet: the setting datasync.watch names what is")
    else:
        heads = ("system", "records", "waiting", "refused", "ask for you", "looked at (UTC)")
        write_columns([heads, *(_row(one) for one in found)])
        for each in found:
            if each.note:
                click.echo(f"{each.name}: {each.note}")
        for change in bad:
            when = f"{change.next_try_at:%H:%M:%S}" if change.next_try_at else "asks for you"
            click.echo(f"{change.id}  {change.model} {change.key}  next {when}: {change.error}")
    return DIFFERS if check and any(one.needs_somebody for one in found) else 0


def _look(node: Node, name: str) -> None:
    from poser.datasync.watching.lines import named  # noqa: PLC0415 - slow
    from poser.datasync.watching.loop import Turns, Watched  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415

    load_models(node.extensions)
    engines = {
        each: node.engine(each, command="datasync watched") for each in ("poser", "trainwreck")
    }
    turns = Turns(Watched.of(named(node.config, name), node.extensions), engines)
    looked = turns.look(whole=True)
    done = turns.bring_in()
    click.echo(
        f"{name}: {looked.read} records read, {looked.changed} changed, {looked.gone} gone;"
        f" {done.done} brought in, {done.refused + len(done.given_up)} refused"
    )


def _json(one: "WatchedStatus") -> dict[str, object]:
    said = asdict(one)
    for each in ("looked_at", "failed_at"):
        said[each] = said[each].isoformat() if said[each] else None
    return said


def _row(one: "WatchedStatus") -> tuple[str, ...]:
    looked = one.looked_at.strftime("%Y-%m-%d %H:%M:%S") if one.looked_at else "never"
    counts = (str(count) if count else "-" for count in (one.waiting, one.refused, one.dead))
    return (f"{one.name}{' (paused)' * one.is_paused}", str(one.records), *counts, looked)
