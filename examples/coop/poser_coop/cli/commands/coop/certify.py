# SPDX-License-Identifier: Apache-2.0
"""`poser coop certify`: an organic certificate for a product."""

from datetime import UTC, datetime
from pathlib import Path

import click

from poser.cli.app import Node, pass_node
from poser_coop.settings import LARGEST_DOCUMENT_MIB

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("code")
@click.option("--number", required=True, help="Number of the certificate, as it is printed.")
@click.option("--certifier", required=True, help="Who certifies, such as US-ORG-021.")
@click.option("--first-day", type=_DAY, help="First day on which it holds; else today (UTC).")
@click.option("--last-day", type=_DAY, required=True, help="Last day on which it holds.")
@click.option(
    "--document", "path", type=click.Path(path_type=Path), help="The certificate as a file."
)
@pass_node
def command(  # noqa: PLR0917 - click passes arguments by name
    node: Node,
    code: str,
    number: str,
    certifier: str,
    first_day: datetime | None,
    last_day: datetime,
    path: Path | None,
) -> None:
    """Give the product with CODE (a GTIN, a PLU or another code) an organic certificate."""
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser_coop.certificates import certify, read_document  # noqa: PLC0415

    document = read_document(path, LARGEST_DOCUMENT_MIB(node.config)) if path else None
    first = (first_day or datetime.now(tz=UTC)).date()
    with transaction(node.engine("poser", command="coop certify")) as session:
        made = certify(
            session,
            code,
            number=number,
            certifier=certifier,
            first_day=first,
            last_day=last_day.date(),
            document=document,
        )
        product = made.product.description
    click.echo(f"{product} is certified from {first} to {last_day.date()}")
