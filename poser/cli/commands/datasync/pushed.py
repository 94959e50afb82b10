# SPDX-License-Identifier: Apache-2.0
"""`poser datasync pushed`: other systems that this node keeps up to date."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json
from poser.errors import ConfigError


@click.command()
@click.argument("name", default="")
@click.option("--now", is_flag=True, help="Bring NAME up to date now, whether it is time or not.")
@as_json
@pass_node
def command(node: Node, name: str, *, now: bool, as_json: bool) -> None:
    """Show the systems that this node keeps up to date, and how that went last.

    The setting datasync.push names them. When their tables change here, an export or an import
    that writes there runs by itself; what fails is tried again.

    \b
    Examples:
      poser datasync pushed
      sudo poser datasync pushed labels --now
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.pushing.turns import pushed  # noqa: PLC0415 - slow
    from poser.db import transaction  # noqa: PLC0415

    if now:
        _push(node, name)
    with transaction(node.engine("poser", command="datasync pushed"), read_only=True) as session:
        found = [one for one in pushed(session) if name in {"", one.name}]
    if as_json:
        write_json({"pushed": [one.to_json() for one in found]})
    elif not found:
        click.echo("nothing is kept up to date yet: the setting datasync.push names what is")
    else:
        rows = [
            (
                f"{one.name}{' (paused)' * one.is_paused}",
                f"{one.pushed_at:%Y-%m-%d %H:%M:%S}" if one.pushed_at else "never",
                f"{one.failed_at:%Y-%m-%d %H:%M:%S}" if one.failed_at else "-",
                one.note,
            )
            for one in found
        ]
        write_columns([("system", "brought at (UTC)", "fails since", "why"), *rows])


def _push(node: Node, name: str) -> None:
    from poser.datasync.pushing.lines import PUSH, configured  # noqa: PLC0415 - slow
    from poser.datasync.pushing.turns import Pushed  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415

    load_models(node.extensions)
    by_name = {one.name: one for one in configured(node.config)}
    if name not in by_name:
        raise ConfigError(
            f"no system that is kept up to date has the name {name!r}",
            hint=f"those are: {', '.join(by_name)}" if by_name else f"{PUSH.name} names them",
        )
    engines = {
        each: node.engine(each, command="datasync pushed") for each in ("poser", "trainwreck")
    }
    Pushed.of(by_name[name], node.extensions).turn(engines, now=True)
