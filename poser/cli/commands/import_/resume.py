# SPDX-License-Identifier: Apache-2.0
"""`poser import resume`: go on with a run that was cut off."""

import click

from poser.cli.app import Node, pass_node
from poser.cli.databases import as_json


@click.command()
@click.argument("run", type=click.IntRange(min=1), metavar="RUN")
@as_json
@pass_node
@click.pass_context
def command(context: click.Context, node: Node, run: int, *, as_json: bool) -> None:
    """Go on with a run that was cut off or failed after its source was read.

    What it had read is still there, for seven days: the source is not read again, and not
    needed. It does what it was asked to do then, compared with what is in Poser now.

    \b
    Examples:
      poser import runs
      poser import resume 12
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser.cli.commands.import_._report import exit_code, report  # noqa: PLC0415 - slow
    from poser.cli.progress import watching_run  # noqa: PLC0415
    from poser.databases import DATABASES  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415
    from poser.importing.resuming import asked_of, resume  # noqa: PLC0415

    engines = {name: node.engine(name, command="import resume") for name in DATABASES}
    with transaction(engines["poser"], read_only=True) as session:
        asked = asked_of(session, run)
    with watching_run() as watch:
        result = resume(run, engines, watch)
    report(result, asked, as_json=as_json)
    context.exit(exit_code(result, asked))
