# SPDX-License-Identifier: Apache-2.0
"""`poser mail retry`: send mail again that was not sent."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("mail_ids", metavar="ID...", type=click.UUID, nargs=-1, required=True)
@pass_node
def command(node: Node, mail_ids: tuple[UUID, ...]) -> None:
    """Send mail now that waits, failed or was not sent.

    Mail that nobody got yet is written anew, with the recipients and the subject that hold
    now; the others get it who were left.

    \b
    Examples:
      poser mail retry 0199b3a2-7d00-7e00-8000-000000000000
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.mail.history import retry  # noqa: PLC0415

    with transaction(node.engine("poser", command="mail retry")) as session:
        for mail_id in mail_ids:
            retry(session, mail_id)
    click.echo(f"{len(mail_ids)} to be sent now; poser mail queue says what became of it")
