# SPDX-License-Identifier: Apache-2.0
"""`poser coop buy`: a member buys shares."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import click

from poser.cli.app import Node, pass_node


def _money(_context: click.Context, _parameter: click.Parameter, value: str) -> Decimal:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is no amount of money; write it as 25.00") from None
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"a share cannot cost {value}")
    return amount


@click.command()
@click.argument("member")
@click.argument("shares", type=int)
@click.option("--price", required=True, callback=_money, help="What one share costs.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of it; else today (UTC).")
@click.option("--note", default="", help="Anything to know about it.")
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node, member: str, shares: int, price: Decimal, day: datetime | None, note: str
) -> None:
    """Note that the member with number MEMBER buys SHARES; -- -2 returns two.

    \b
    Examples:
      poser coop buy 1042 4 --price 25.00
      poser coop buy --price 25.00 1042 -- -2
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser_coop.equity import buy  # noqa: PLC0415

    bought_on: date = (day or datetime.now(tz=UTC)).date()
    with transaction(node.engine("poser", command="coop buy")) as session:
        buy(session, member, shares=shares, price=price, bought_on=bought_on, note=note)
    click.echo(f"member {member}: {shares} shares at {price} on {bought_on}")
