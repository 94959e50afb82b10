# SPDX-License-Identifier: Apache-2.0
"""`poser coop equity`: how far the members are with their shares."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns, write_json
from poser_coop.settings import FULL_SHARES


@click.command()
@click.option("--open", "only_open", is_flag=True, help="Only members who are not there yet.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON; money as text.")
@pass_node
def command(node: Node, *, only_open: bool, as_json: bool) -> None:
    """List the members with their shares, what those cost, and what is paid of it."""
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser_coop.equity import summary  # noqa: PLC0415

    with transaction(node.engine("poser", command="coop equity"), read_only=True) as session:
        found = summary(session, FULL_SHARES(node.config))
    found = [one for one in found if not (only_open and one.is_full)]
    head = ("member", "shares", "price", "paid", "open", "full")
    rows = [(one.member, one.shares, one.price, one.paid, one.open, one.is_full) for one in found]
    if as_json:
        write_json([dict(zip(head, row, strict=True)) for row in rows])
    elif rows:
        texts = [(*map(str, row[:-1]), "yes" if row[-1] else "no") for row in rows]
        write_columns([head, *texts])
    else:
        click.echo("no member has bought shares" if not only_open else "all members are full")
