# SPDX-License-Identifier: Apache-2.0
"""`poser db`: what owns the databases does with them. One module for each word behind it."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """Look after the databases: their schemas, their revisions, their space.

    On a node these run as the owner of the databases: sudo poser db ...

    \b
    Examples:
      poser db status
      poser db upgrade
      poser db upgrade trainwreck --phase pre
    """  # noqa: D301 - click reads \b as "keep these lines"
