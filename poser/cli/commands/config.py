# SPDX-License-Identifier: Apache-2.0
"""`poser config`: this node's settings."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns, write_json
from poser.errors import PoserError


@click.group()
def command() -> None:
    """Check the settings files, or list all settings there are.

    \b
    Examples:
      poser config check
      poser config list
      poser -c ./my.conf config check
    """  # noqa: D301 - click reads \b as "keep these lines"


@command.command()
@pass_node
def check(node: Node) -> None:
    """Read the settings files and say what is wrong with them; exits with 1 if anything is."""
    from poser.config import problems  # noqa: PLC0415 - imports what declares settings

    found = problems(node.config)
    for problem in found[1:]:
        click.echo(f"error: {problem.message}", err=True)
    if found:
        raise PoserError(found[0].message, hint=found[0].hint)
    files = ", ".join(str(path) for path in node.config.paths)
    click.echo(f"{files}: {len(node.config.entries)} settings, all right")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@pass_node
def list_(node: Node, *, as_json: bool) -> None:
    """List every setting: its value, where that is from, and what it is for."""
    from poser.config.declared import declarations  # noqa: PLC0415 - imports much

    rows = []
    for setting in declarations():
        entry = node.config.get(setting.name)
        value = setting.default if entry is None else setting.parse(entry)
        shown = "" if value is None else setting.shown(value)
        rows.append((setting.name, shown, entry.place if entry else "default", setting.doc))
    if as_json:
        names = ("name", "value", "from", "doc")
        write_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    write_columns([("setting", "value", "from", "what it is for"), *rows])
