# SPDX-License-Identifier: Apache-2.0
"""`poser config set`: change a setting while services run."""

from dataclasses import asdict
from datetime import datetime, timedelta

import click

from poser.cli.app import Node, pass_node
from poser.cli.author import command_author
from poser.cli.databases import as_json
from poser.cli.output import write_json
from poser.clock import utc_now
from poser.config import Setting
from poser.config.kinds import kind_of
from poser.config.load import find_declaration
from poser.errors import ConfigError


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("key")
@click.argument("value")
@click.option("--user-role", default="", help="Only for users with this user role.")
@click.option(
    "--until",
    default="",
    help="Holds until then: a time with its offset (2026-12-31T18:00+01:00), or how long (7 d).",
)
@click.option("--comment", default="", help="Why; kept with the change.")
@as_json
@pass_node
def command(
    node: Node, key: str, value: str, *, user_role: str, until: str, comment: str, as_json: bool
) -> None:
    """Set KEY to VALUE in the database, for all processes of this node at once.

    The value is checked first. Who set it is kept, with the value before. A secret, and
    what is read from files only, cannot be set here: the error says where to write it.

    \b
    Examples:
      poser config set web.time_zone Europe/Berlin
      poser config set web.workers 4 --comment "Saturday"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.settings import set_row  # noqa: PLC0415

    setting = find_declaration(node.config, key)
    author = command_author(f"poser config set {key}", comment)
    with transaction(node.engine("poser", command="config set"), author=author) as session:
        change = set_row(
            session, node.config, key, value, user_role=user_role, expires_at=_until(until)
        )
    notes = list(notes_on(node, setting))
    if as_json:
        write_json({**asdict(change), "notes": notes})
        return
    who = f" for user role {user_role}" if user_role else ""
    before = f"was {change.old}" if change.old is not None else "was not set"
    click.echo(
        f"{key} = {change.new}{who}" + (f"; {before}" if change.is_changed else "; as before")
    )
    for note in notes:
        click.echo(f"note: {note}")


def notes_on(node: Node, setting: Setting[object]) -> list[str]:
    """Say what a person must know who changed the row of a setting."""
    notes = []
    entry = node.config.get(setting.name)
    if entry is not None:
        notes.append(
            f"{entry.place} says {setting.masked(entry.value)}, and wins over the database"
        )
    if setting.restart:
        notes.append("services read it at their start only: restart them")
    return notes


def _until(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            span: timedelta = kind_of(timedelta).parse(text)
            return utc_now() + span
        except (ValueError, OverflowError):
            raise ConfigError(
                f"--until {text!r} is neither a time nor a length of time",
                hint="write it as 2026-12-31T18:00+01:00, or as 7 d or 12 h",
            ) from None
    if at.tzinfo is None:
        raise ConfigError(
            f"--until {text!r} does not say in which zone",
            hint=f"write {at:%Y-%m-%dT%H:%M}Z for UTC, or +01:00 instead of Z",
        )
    return at
