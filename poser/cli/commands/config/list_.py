# SPDX-License-Identifier: Apache-2.0
"""`poser config list`: every setting there is."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.config._rows import rows_or_none
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json
from poser.clock import utc_now


@click.command()
@click.argument("section", default="")
@as_json
@pass_node
def command(node: Node, section: str, *, as_json: bool) -> None:
    """List every setting: its value, where that is from, and what it is for.

    With SECTION only those of that section. Secrets are not shown.

    \b
    Examples:
      poser config list
      poser config list web --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.config.declared import declarations  # noqa: PLC0415 - imports much
    from poser.settings.explaining import explain  # noqa: PLC0415 - slow

    config, now = node.config, utc_now()
    found = rows_or_none(node, command="config list")
    lines = []
    for setting in declarations(config.extensions):
        if section and setting.name.partition(".")[0] != section:
            continue
        explained = explain(config, setting, found, now)
        value = explained.wins.value if explained.wins else ""
        place = explained.wins.place if explained.wins else "nowhere"
        roles = len(explained.for_user_roles)
        more = f" (and {roles} for user roles)" if roles else ""
        lines.append((setting.name, value, place + more, setting.doc))
    if as_json:
        names = ("name", "value", "from", "doc")
        write_json([dict(zip(names, line, strict=True)) for line in lines])
        return
    write_columns([("setting", "value", "from", "what it is for"), *lines])
