# SPDX-License-Identifier: Apache-2.0
"""`poser batch`: work that waits for a person. One module for each word behind it."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """See batches, change their rows, and execute them once.

    A batch is made of something (an import with --make-batch makes one), looked at, made
    complete, maybe approved by somebody else, and executed: all of it in one transaction, or
    nothing. What it changed can be undone as long as nobody changed the same since.

    \b
    Examples:
      poser import csv Product --from products.csv --make-batch
      poser batch list
      poser batch show 12
      poser batch take-out 12 7 9
      poser batch edit 12 3 description="Milk, 1 gal"
      poser batch complete 12
      poser batch approve 12 --as-user berta
      poser batch execute 12 --preview
      poser batch execute 12
      poser batch undo 12
      poser batch purge --dry-run
    """  # noqa: D301 - click reads \b as "keep these lines"
