# SPDX-License-Identifier: Apache-2.0
"""`poser config get`: one value, for scripts."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node
from poser.cli.commands.config._rows import rows
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.clock import utc_now
from poser.config import Row, Setting
from poser.config.load import find_declaration
from poser.errors import ConfigError, PoserError


@click.command()
@click.argument("key")
@click.option("--user-role", default="", help="As it is for users who have this user role alone.")
@as_json
@pass_node
def command(node: Node, key: str, user_role: str, *, as_json: bool) -> None:
    """Write the value of the setting KEY, as programs see it now, and nothing else.

    Fails for a secret, for a value that is wrong, and where there is neither a value nor a
    default. `poser config explain KEY` says why it is what it is.

    \b
    Examples:
      poser config get web.workers
      poser config get web.time_zone --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    setting = find_declaration(node.config, key)
    if setting.secret:
        raise PoserError(
            f"{key} is a secret and is not shown",
            hint=f"`poser config explain {key}` says where it is written",
        )
    text = setting.shown(_value(node, setting, user_role))
    if as_json:
        write_json({"name": key, "value": text})
    else:
        click.echo(text)


def _value(node: Node, setting: Setting[object], user_role: str) -> object:
    if not setting.may_be_row:
        return setting(node.config)
    now = utc_now()
    found = [
        row
        for row in rows(node, command="config get")
        if row.expires_at is None or row.expires_at > now
    ]
    node.config.take(found)
    if not user_role:
        return setting(node.config)
    return setting(node.config, user_roles=_ids(found, setting, user_role))


def _ids(found: list[Row], setting: Setting[object], user_role: str) -> set[UUID]:
    if not setting.per_user_role:
        raise ConfigError(
            f"{setting.name} does not differ by user role", hint="ask without --user-role"
        )
    return {row.user_role_id for row in found if row.user_role_id and row.user_role == user_role}
