# SPDX-License-Identifier: Apache-2.0
"""`poser import schedules`: what runs at its hours, and how that goes."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json

if TYPE_CHECKING:
    from poser.importing.standing import Standing


@click.command()
@click.option("--mail", is_flag=True, help="Mail each run that was missed, once.")
@as_json
@pass_node
@click.pass_context
def command(context: click.Context, node: Node, *, mail: bool, as_json: bool) -> None:
    """Show the scheduled imports: their last run, and the next; exits with 3 if any is wrong.

    The setting import.schedules names them, the machine's role makes timers of systemd from
    it; a machine of ours looks every hour whether one was missed.

    \b
    Examples:
      poser import schedules
      systemctl list-timers 'poser-import-*'
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.clock import utc_now  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.importing.failing import mail_missed  # noqa: PLC0415
    from poser.importing.schedules import configured  # noqa: PLC0415
    from poser.importing.standing import standings  # noqa: PLC0415

    schedules = configured(node.config)
    engine = node.engine("poser", command="import schedules")
    with transaction(engine, read_only=not mail) as session:
        found = standings(session.connection(), schedules, node.config, utc_now())
        mailed = [one for one in found if mail and mail_missed(session, one)]
    if as_json:
        write_json([_plain(one) for one in found])
    elif found:
        head = ("name", "when", "last run", "how it ended", "next")
        write_columns([head, *(_row(one) for one in found)])
    else:
        click.echo("no import is scheduled")
    for one in found:
        if one.missed_at:
            said = f"missed: {one.schedule.name} should have run at {_time(one.missed_at)}"
            click.echo(f"{said}{'; mailed' if one in mailed else ''}", err=True)
    is_wrong = any(one.missed_at or one.failure for one in found)
    context.exit(DIFFERS if is_wrong and not mail else 0)


def _row(one: "Standing") -> tuple[str, ...]:
    last = one.last
    ended = one.failure or (last.status.value if last else "")
    if last and last.refused:
        ended += f", {last.refused:,} kept aside"
    return (
        one.schedule.name,
        one.schedule.when + (" with network" if one.schedule.network else ""),
        _time(last.began_at) if last else "never",
        ended,
        _time(one.next_at) if one.next_at else "never",
    )


def _plain(one: "Standing") -> dict[str, object]:
    last = one.last
    return {
        "name": one.schedule.name,
        "when": one.schedule.when,
        "network": one.schedule.network,
        "command": one.schedule.command,
        "last_run": last.number if last else None,
        "last_at": last.began_at if last else None,
        "status": last.status if last else None,
        "failure": one.failure,
        "refused": last.refused if last else 0,
        "missed_at": one.missed_at,
        "next_at": one.next_at,
    }


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
