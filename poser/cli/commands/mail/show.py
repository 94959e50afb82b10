# SPDX-License-Identifier: Apache-2.0
"""`poser mail show`: one mail, whole, and each try to send it."""

from uuid import UUID

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_json


@click.command()
@click.argument("mail_id", metavar="ID", type=click.UUID)
@click.option("--raw", is_flag=True, help="Write the mail as it went over the wire.")
@as_json
@pass_node
def command(node: Node, mail_id: UUID, *, raw: bool, as_json: bool) -> None:
    """Show one mail: its text, who got it, and what came of each try.

    \b
    Examples:
      poser mail show 0199b3a2-7d00-7e00-8000-000000000000
      poser mail show 0199b3a2-7d00-7e00-8000-000000000000 --raw > mail.eml
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.mail.history import story_of  # noqa: PLC0415

    with transaction(node.engine("poser", command="mail show"), read_only=True) as session:
        story = story_of(session, mail_id)
    if raw:
        click.echo(story.raw, nl=False)
        return
    if as_json:
        write_json(story.to_json())
        return
    why = f": {story.status_text}" if story.status_text else ""
    click.echo(f"{story.key}, {story.status}{why}")
    for attempt in story.attempts:
        who = ", ".join(attempt.recipients) or "nobody"
        click.echo(f"{attempt.at:%Y-%m-%d %H:%M:%S} UTC  {attempt.status}  {who}: {attempt.text}")
    click.echo("")
    for name, value in story.headers:
        click.echo(f"{name}: {value}")
    click.echo(f"\n{story.text}" if story.text else "It was not written yet.")
