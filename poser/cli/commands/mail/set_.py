# SPDX-License-Identifier: Apache-2.0
"""`poser mail set`: what holds for one type of email."""

import click

from poser.cli.app import Node, pass_node

_NAMES = {"to": "recipients", "from": "sender", "enabled": "is_enabled", "hidden": "is_hidden"}
_WORDS = ("enabled", "hidden", "from", "reply-to", "to", "cc", "bcc", "subject")


@click.command("set")
@click.argument("key", metavar="TYPE")
@click.option("--enabled/--disabled", default=None, help="Whether mail of the type is sent.")
@click.option("--hidden/--shown", default=None, help="Whether lists leave the type out.")
@click.option("--from", "sender", help="Address it is from.")
@click.option("--reply-to", help="Address that answers go to.")
@click.option("--to", multiple=True, help="Who gets it; may be repeated.")
@click.option("--cc", multiple=True, help="Who gets a copy; may be repeated.")
@click.option("--bcc", multiple=True, help="Who gets a copy unseen; may be repeated.")
@click.option("--subject", help="Its subject, with names of values in braces.")
@click.option(
    "--unset",
    multiple=True,
    type=click.Choice(_WORDS),
    help="Take back what was set; may be repeated.",
)
@pass_node
def command(
    node: Node,
    key: str,
    *,
    enabled: bool | None,
    hidden: bool | None,
    sender: str | None,
    reply_to: str | None,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    bcc: tuple[str, ...],
    subject: str | None,
    unset: tuple[str, ...],
) -> None:
    """Set what holds for mail of TYPE; what is not set is as the type and mail.* say.

    Recipients are addresses, user:NAME for a user, or role:NAME for all with a user role.

    \b
    Examples:
      poser mail set logged_errors --to role:Technicians --cc boss@example.com
      poser mail set import_changes --subject "{handler}: {changes} changes"
      poser mail set logged_errors --disabled
      poser mail set logged_errors --unset to --unset enabled
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.mail.found import email_types, find_type  # noqa: PLC0415
    from poser.mail.per_type import set_for, settled  # noqa: PLC0415

    said: dict[str, object] = {
        "is_enabled": enabled,
        "is_hidden": hidden,
        "sender": sender,
        "reply_to": reply_to,
        "recipients": list(to) or None,
        "cc": list(cc) or None,
        "bcc": list(bcc) or None,
        "subject": subject,
    }
    values = {name: value for name, value in said.items() if value is not None}
    if not values and not unset:
        raise click.UsageError("say what to set, or what to --unset")
    names = tuple(_NAMES.get(word, word.replace("-", "_")) for word in unset)
    type_ = find_type(email_types(node.extensions), key).type
    with transaction(node.engine("poser", command="mail set")) as session:
        set_for(session, type_, values, unset=names)
        chosen = settled(session, node.config, type_)
    who = ", ".join((*chosen.recipients, *chosen.cc, *chosen.bcc)) or "nobody"
    click.echo(f"{key}: {'sent' if chosen.is_enabled else 'not sent'}, to {who}: {chosen.subject}")
