# SPDX-License-Identifier: Apache-2.0
"""`poser export`: data for other systems. One word for each handler."""

from functools import partial

import click

from poser.cli.commands.export._handler import made
from poser.cli.handlers import Handlers
from poser.importing.found import EXPORT, found


@click.group(cls=Handlers, package=__name__, listed=partial(found, direction=EXPORT), made=made)
def command() -> None:
    """Write data into files for other systems.

    KEY names an export handler: `poser export list` shows them. All rows are of one moment.
    A file is in its place when it is whole, and what was there before stays until then.

    \b
    Examples:
      poser export list
      poser export csv Product --to products.csv
      poser export csv Product --fields gtin,description --to - | head
      poser export xlsx Product Vendor --to goods.xlsx
    """  # noqa: D301 - click reads \b as "keep these lines"
