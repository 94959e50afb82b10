# SPDX-License-Identifier: Apache-2.0
"""`poser datasync verify`: compare this node with the host."""

import click

from poser.cli.app import DIFFERS, Node, pass_node
from poser.cli.output import write_columns

_SHOWN = 5


@click.command()
@click.option("--table", "tables", multiple=True, help="Only this table; may be repeated.")
@click.option("--mend", is_flag=True, help="Make this node the same as the host.")
@pass_node
def command(node: Node, tables: tuple[str, ...], *, mend: bool) -> int:
    """Compare the rows of this node with the host's by hashes, table by table.

    What was written here and has not reached the host yet is no difference. Ends with 3 when
    something differs. Run it on a node that dials the host.

    \b
    Examples:
      sudo poser datasync verify
      sudo poser datasync verify --table products --table product_prices
      sudo poser datasync verify --mend
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.datasync.client import Line, address  # noqa: PLC0415 - slow
    from poser.datasync.comparing import differences  # noqa: PLC0415
    from poser.datasync.filling import fill, greet_host  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415

    if mend and tables:
        raise click.UsageError("--mend makes all tables the same: leave out --table")
    load_models(node.extensions)
    engine = node.engine("poser", command="datasync verify")
    found = []
    with Line(address(node.config)) as line:
        host = greet_host(engine, line).host
        for one in differences(engine, host, line, tables):
            click.echo(f"{one.table}: {one.rows} rows, {one.count or 'none'} differ", err=True)
            found += [one] if one.count else []
        if mend and found:
            fill(engine, line, host, lambda: None)
    rows = [
        (
            one.table,
            str(len(one.missing)),
            str(len(one.extra)),
            str(len(one.other)),
            " ".join(str(key) for key in (one.missing + one.extra + one.other)[:_SHOWN]),
        )
        for one in found
    ]
    if rows:
        write_columns([("table", "missing", "extra", "other", "the first ones"), *rows])
        click.echo("mended" if mend else "sudo poser datasync verify --mend makes them the same")
    else:
        click.echo(f"this node is as {host} is")
    return DIFFERS if rows and not mend else 0
