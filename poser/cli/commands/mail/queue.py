# SPDX-License-Identifier: Apache-2.0
"""`poser mail queue`: the outbox, and what became of mail."""

from typing import TYPE_CHECKING

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json

if TYPE_CHECKING:
    from poser.model.mail import Email

_STATES = ("waiting", "sent", "joined", "not_sent", "failed")
_LONGEST = 60


@click.command()
@click.option(
    "--status",
    "states",
    multiple=True,
    type=click.Choice(_STATES),
    help="Only mail in this state; may be repeated. Otherwise what waits and what failed.",
)
@click.option("--type", "key", default="", help="Only mail of this type.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@as_json
@pass_node
def command(node: Node, *, states: tuple[str, ...], key: str, limit: int, as_json: bool) -> None:
    """Show the mail that waits to be sent and the mail that was not sent, newest first.

    `poser mail show ID` shows one of them whole, `poser mail retry ID` sends it again.

    \b
    Examples:
      poser mail queue
      poser mail queue --status sent --type import_changes
    """  # noqa: D301 - click reads \b as "keep these lines"
    from sqlalchemy import select  # noqa: PLC0415 - slow

    from poser.db import transaction  # noqa: PLC0415
    from poser.model.mail import Email  # noqa: PLC0415

    query = (
        select(Email)
        .where(Email.status.in_(states or ("waiting", "failed", "not_sent")))
        .order_by(Email.queued_at.desc(), Email.id.desc())
        .limit(limit)
    )
    if key:
        query = query.where(Email.key == key)
    with transaction(node.engine("poser", command="mail queue"), read_only=True) as session:
        found = session.scalars(query).all()
    if as_json:
        write_json([_plain(one) for one in found])
    elif not found:
        click.echo("no mail waits" if not states else "no such mail")
    else:
        write_columns([("id", "queued (UTC)", "type", "state", "why"), *map(_row, found)])


def _row(mail: "Email") -> tuple[str, ...]:
    why = mail.status_text
    if mail.status == "waiting":
        tried = f", tried {mail.tries} times" if mail.tries else ""
        why = f"due {mail.due_at:%H:%M}{tried}: {why}".rstrip(": ")
    return (
        str(mail.id),
        f"{mail.queued_at:%Y-%m-%d %H:%M}",
        mail.key,
        mail.status,
        why if len(why) <= _LONGEST else why[: _LONGEST - 1] + "…",
    )


def _plain(mail: "Email") -> dict[str, object]:
    names = ("id", "key", "about", "times", "queued_at", "status", "status_text", "due_at", "tries")
    more = ("recipients", "still_to", "subject", "finished_at", "sent_with_id")
    return {name: getattr(mail, name) for name in (*names, *more)}
