# SPDX-License-Identifier: Apache-2.0
"""`poser config`: this node's settings. One module for each word behind it."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """Check, read, change and explain the settings of this node.

    \b
    What wins, first to last:
      environment   POSER_WEB_WORKERS=4
      files         [web] and workers = 4; the nearest file wins
      database      poser config set web.workers 4
      default       as declared in the program
    A secret, and whatever is read from files only, is never taken from the database.

    \b
    Examples:
      poser config check
      poser config explain web.workers
      poser config set web.time_zone Europe/Berlin
      poser -c ./my.conf config list
    """  # noqa: D301 - click reads \b as "keep these lines"
