# SPDX-License-Identifier: Apache-2.0
"""`poser config explain`: why a setting has the value it has."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.config._rows import changes, rows_or_none
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json
from poser.clock import utc_now
from poser.config import Setting
from poser.config.describing import declared_as, where_it_may_stand
from poser.config.load import find_declaration

if TYPE_CHECKING:
    from poser.settings.changes import Changed
    from poser.settings.explaining import Explanation, Said

_SHOWN = 10


@click.command()
@click.argument("key")
@as_json
@pass_node
def command(node: Node, key: str, *, as_json: bool) -> None:
    """Explain KEY: its value, where that is from, all that it overrides, who set it when.

    \b
    Examples:
      poser config explain web.workers
      poser config explain db.url
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.settings.explaining import explain  # noqa: PLC0415 - slow

    setting = find_declaration(node.config, key)
    found = rows_or_none(node, command="config explain") if setting.may_be_row else []
    explained = explain(node.config, setting, found, utc_now())
    # There are none of a secret: it was never in the database.
    changed = changes(node, key) if found is not None and setting.may_be_row else []
    if as_json:
        told = {**asdict(explained), "changes": [asdict(one) for one in changed]}
        write_json({"name": key, "declared": declared_as(setting), **told})
        return
    click.echo(_headline(setting, explained))
    click.echo(f"  {setting.doc}")
    write_columns([(f"  {one}", two) for one, two in _facts(setting)])
    _write_said("overrides", explained.overridden)
    _write_said("for users with a user role", explained.for_user_roles)
    _write_said("ignored", explained.ignored)
    if changed:
        click.echo("  changed in the database:")
        write_columns([tuple(_change(one)) for one in changed[:_SHOWN]])
    elif any(row.name == key for row in found or ()):
        click.echo("  who set it is not known: `poser history` was off then, or is purged")
    if len(changed) > _SHOWN:
        click.echo(f"    and {len(changed) - _SHOWN} times before; --json shows all")


def _headline(setting: Setting[object], explained: "Explanation") -> str:
    if explained.wins is None:
        return f"{setting.name} is written nowhere and has no default"
    doubt = "" if explained.is_certain else " (unless the database says otherwise)"
    line = f"{setting.name} = {explained.wins.value}{doubt}\n  from {explained.wins.place}"
    return f"{line}\n  WRONG: {explained.wins.trouble}" if explained.wins.trouble else line


def _facts(setting: Setting[object]) -> Iterator[tuple[str, str]]:
    yield "type", ", ".join(word for word in (setting.kind.name, setting.bounds) if word)
    default = setting.value_of_default()
    yield "default", "none: it must be written" if default is None else setting.shown(default)
    yield "may stand in", where_it_may_stand(setting)
    yield "after a change", "restart the services" if setting.restart else "nothing: at once"


def _write_said(title: str, said: Sequence["Said"]) -> None:
    if said:
        click.echo(f"  {title}:")
        write_columns([(f"    {one.value}", one.place, *_remarks(one)) for one in said])


def _change(changed: "Changed") -> Iterator[str]:
    old, new = ("(not set)" if one is None else one for one in (changed.old, changed.new))
    yield f"    {changed.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"{changed.who or 'somebody'} ({changed.source or 'purged'})"
    yield f"{old} -> {new}"
    role = f"for {changed.user_role}" if changed.user_role else ""
    until = f"until {changed.until}" if changed.until else ""
    origin = f"on {changed.origin}" if changed.origin else ""
    yield ", ".join(word for word in (role, until, changed.comment, origin) if word)


def _remarks(said: "Said") -> tuple[str, ...]:
    until = f"until {said.expires_at:%Y-%m-%d %H:%M} UTC" if said.expires_at else ""
    return (", ".join(word for word in (until, said.trouble) if word),)
