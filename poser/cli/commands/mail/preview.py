# SPDX-License-Identifier: Apache-2.0
"""`poser mail preview`: how a type of email looks."""

from pathlib import Path

import click

from poser.cli.app import Node, pass_node


@click.command()
@click.argument("key", metavar="TYPE")
@click.option("--html", is_flag=True, help="Write the page, not the text.")
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the page into this file, to look at with a browser.",
)
@pass_node
def command(node: Node, key: str, *, html: bool, path: Path | None) -> None:
    """Show how a mail of TYPE looks, filled in with its sample; nothing is sent.

    \b
    Examples:
      poser mail preview import_changes
      poser mail preview import_changes --to page.html
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.mail.found import email_types, find_type  # noqa: PLC0415
    from poser.mail.previewing import preview  # noqa: PLC0415

    found = find_type(email_types(node.extensions), key)
    with transaction(node.engine("poser", command="mail preview"), read_only=True) as session:
        subject, parts = preview(session, node.config, found)
    if path is not None:
        path.write_text(parts.html, encoding="utf-8")
        click.echo(f"{path}: {subject}")
    elif html:
        click.echo(parts.html)
    else:
        click.echo(f"Subject: {subject}\n\n{parts.text}", nl=False)
