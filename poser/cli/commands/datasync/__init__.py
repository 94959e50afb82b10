# SPDX-License-Identifier: Apache-2.0
"""`poser datasync`: how far this node is in step with the others, and what to do when it is not."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """See whether this node is in step with the others, and help where it is not.

    \b
    Examples:
      poser datasync status
      poser datasync parked
      poser datasync trace products 0190f1a2-...
      sudo poser datasync verify
    """  # noqa: D301 - click reads \b as "keep these lines"
