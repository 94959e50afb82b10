# SPDX-License-Identifier: Apache-2.0
"""`poser mail send-test`: one real mail, the whole way."""

import time
from typing import TYPE_CHECKING
from uuid import UUID

import click

from poser.cli.app import FAILED, Node, pass_node
from poser.cli.author import who_types

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LOOKS_EVERY_S = 0.1


@click.command()
@click.argument("key", metavar="[TYPE]", default="trial")
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help="Who gets it: an address, user:NAME or role:NAME; may be repeated. Otherwise who gets"
    " mail of the type.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Seconds to wait for the service poser-mail to send it.",
)
@pass_node
@click.pass_context
def command(
    context: click.Context, node: Node, key: str, *, recipients: tuple[str, ...], wait_s: int
) -> None:
    """Send one mail of TYPE with its sample, and say what became of it.

    It goes as any mail goes: into the outbox, and from there by the service poser-mail.
    Exits with 1 if it was not sent.

    \b
    Examples:
      poser mail send-test
      poser mail send-test import_changes --recipient anna@example.com
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.config.load import NODE  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.mail import queue  # noqa: PLC0415
    from poser.mail.found import email_types, find_type  # noqa: PLC0415

    type_ = find_type(email_types(node.extensions), key).type
    data = dict(type_.sample)
    if key == "trial":
        data = {"node": NODE(node.config) or "this node", "asked_by": who_types()}
    engine = node.engine("poser", command="mail send-test")
    with transaction(engine) as session:
        mail_id = queue(session, type_, data=data, to=recipients or None)
    is_sent, sentence = _fate(engine, mail_id, wait_s)
    click.echo(sentence)
    if not is_sent:
        click.echo(f"`poser mail show {mail_id}` tells more")
    context.exit(0 if is_sent else FAILED)


def _fate(engine: "Engine", mail_id: UUID, wait_s: int) -> tuple[bool, str]:
    """Wait for what becomes of a mail, and say it in a sentence."""
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.model.mail import Email, OutboxStatus  # noqa: PLC0415

    end = time.monotonic() + wait_s
    while True:
        with transaction(engine, read_only=True) as session:
            mail = session.get_one(Email, mail_id)
        if mail.status != OutboxStatus.WAITING or time.monotonic() >= end:
            break
        time.sleep(_LOOKS_EVERY_S)
    if mail.status == OutboxStatus.SENT:
        return True, f"sent: {mail.status_text}"
    if mail.status == OutboxStatus.WAITING:
        why = mail.status_text or "does the service run? systemctl status poser-mail"
        return False, f"it still waits after {wait_s} s: {why}"
    return False, f"{mail.status.replace('_', ' ')}: {mail.status_text}"
