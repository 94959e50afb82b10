# SPDX-License-Identifier: Apache-2.0
"""`poser import scheduled`: one run of a schedule, as its timer starts it."""

import os
from typing import TYPE_CHECKING, cast

import click

from poser.cli.app import REFUSED, Node, pass_node
from poser.cli.commands.import_._handler import RESULT, SCHEDULE
from poser.errors import PoserError

if TYPE_CHECKING:
    from poser.importing.result import RunResult
    from poser.importing.schedules import Schedule

_FINE = (0, 3, REFUSED)
_BY_ITSELF = ("", "success", "exit-code")
"""What systemd says of a program that came to its own end: that has mailed what there was."""
_LOOK = "journalctl -u poser-import-{}"
_NOT_THESE = ("scheduled", "schedules")


@click.command()
@click.argument("name")
@click.option("--ended", is_flag=True, hidden=True, help="It has ended; mail if it was killed.")
@pass_node
@click.pass_context
def command(context: click.Context, node: Node, name: str, *, ended: bool) -> None:
    """Run the scheduled import NAME now, as its timer does; a failure is mailed.

    Prefer systemctl start poser-import-NAME: that runs it confined as ever, and its words
    go to the journal.

    \b
    Examples:
      sudo systemctl start poser-import-prices
      poser import scheduled prices
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.importing.schedules import named  # noqa: PLC0415

    schedule = named(node.config, name)
    if ended:
        killed = os.environ.get("SERVICE_RESULT", "")
        if killed not in _BY_ITSELF:
            _mail(node, schedule, f"systemd ended it: {killed}", hint=_LOOK.format(name))
        return
    try:
        code = _run(context, schedule)
    except (PoserError, click.ClickException) as error:
        message = error.message
        _mail(node, schedule, message, hint=getattr(error, "hint", ""))
        raise
    except Exception as error:
        _mail(node, schedule, f"{type(error).__name__}: {error}", hint=_LOOK.format(name))
        raise
    if code not in _FINE:
        result = cast("RunResult | None", context.meta.get(RESULT))
        why = result.why if result else f"it exited with {code}"
        hint = result.hint if result else _LOOK.format(name)
        _mail(node, schedule, why, hint=hint, run=result.number if result else None)
    context.exit(code)


def _run(context: click.Context, schedule: "Schedule") -> int:
    """Run the words of a schedule behind `poser import`; returns the exit code."""
    group = context.parent
    assert group is not None  # noqa: S101 - this is a word of it
    assert isinstance(group.command, click.Group)  # noqa: S101
    key, *words = schedule.words
    found = group.command.get_command(group, key)
    if found is None or key in _NOT_THESE:
        raise PoserError(
            f"import {schedule.name}: there is no import handler {key!r}",
            hint="poser import list shows them",
        )
    context.meta[SCHEDULE] = schedule.name
    try:
        with found.make_context(key, words, parent=group) as inner:
            found.invoke(inner)
    except click.exceptions.Exit as end:
        return end.exit_code
    return 0


def _mail(
    node: Node, schedule: "Schedule", why: str, *, hint: str = "", run: int | None = None
) -> None:
    """Queue the mail about a failure; where even that fails, the journal has to do."""
    from poser.clock import utc_now  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.importing.failing import mail_failed  # noqa: PLC0415

    engine = node.engine("poser", command="import scheduled")
    try:
        with transaction(engine) as session:
            mail_failed(session, schedule, at=utc_now(), why=why, hint=hint, run=run)
    except PoserError as error:
        click.echo(f"no mail can be queued about it: {error}", err=True)
