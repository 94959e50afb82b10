# SPDX-License-Identifier: Apache-2.0
"""`poser import revert`: take back what one run changed."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.author import command_line
from poser.cli.databases import as_json


@click.command()
@click.argument("run", type=click.IntRange(min=1), metavar="RUN")
@click.option("--as-user", default="", help="User of this node who is kept as the author.")
@click.option("--comment", "-m", default="", help="Why; kept with the changes.")
@as_json
@pass_node
@click.pass_context
def command(
    context: click.Context, node: Node, run: int, *, as_user: str, comment: str, as_json: bool
) -> None:
    """Take back what one run changed: rows become exactly what they were before it.

    A row that somebody changed since is left as it is and named; the command exits with 5
    then. Taking back is a run of its own, which can be shown, and reverted in its turn.

    \b
    Examples:
      poser import show 12
      poser import revert 12 --comment "wrong price file"
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.cli.commands.import_._report import exit_code, report  # noqa: PLC0415 - slow
    from poser.cli.progress import watching_run  # noqa: PLC0415
    from poser.databases import DATABASES  # noqa: PLC0415
    from poser.extensions.models import load_models  # noqa: PLC0415
    from poser.importing.asked import Asked  # noqa: PLC0415
    from poser.importing.reverting import revert  # noqa: PLC0415

    load_models(node.extensions)
    engines = {name: node.engine(name, command="import revert") for name in DATABASES}
    asked = Asked(user=as_user, comment=comment, command=command_line())
    with watching_run() as watch:
        result = revert(run, engines, watch, asked)
    report(result, asked, as_json=as_json)
    context.exit(exit_code(result, asked))
