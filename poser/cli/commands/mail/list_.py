# SPDX-License-Identifier: Apache-2.0
"""`poser mail list`: the types of email there are."""

from dataclasses import asdict

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json
from poser.cli.output import write_columns, write_json


@click.command()
@click.option("--all", "every", is_flag=True, help="Hidden types, too.")
@as_json
@pass_node
def command(node: Node, *, every: bool, as_json: bool) -> None:
    """List the types of email: whether they are sent, to whom, and what each is for.

    A star marks a type for which somebody set something with `poser mail set`.

    \b
    Examples:
      poser mail list
      poser mail list --all --json
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.mail.found import email_types  # noqa: PLC0415
    from poser.mail.per_type import settled  # noqa: PLC0415

    types = email_types(node.extensions)
    with transaction(node.engine("poser", command="mail list"), read_only=True) as session:
        pairs = [(one.type, settled(session, node.config, one.type)) for one in types.values()]
    shown = [(type_, chosen) for type_, chosen in pairs if every or not chosen.is_hidden]
    if as_json:
        write_json(
            [
                {"key": type_.key, "description": type_.description, **asdict(chosen)}
                for type_, chosen in shown
            ]
        )
        return
    rows = [
        (
            type_.key + ("*" if chosen.set else ""),
            "yes" if chosen.is_enabled else "no",
            ", ".join((*chosen.recipients, *chosen.cc, *chosen.bcc)) or "nobody",
            type_.description,
        )
        for type_, chosen in shown
    ]
    write_columns([("type", "sent", "to", "what it is for"), *rows])
