# SPDX-License-Identifier: Apache-2.0
"""`poser import`: data from other systems. One module for each word, one word for each handler."""

import click

from poser.cli.commands.import_._handler import made
from poser.cli.handlers import Handlers
from poser.importing.found import found


@click.group(cls=Handlers, package=__name__, listed=found, made=made)
def command() -> None:
    """Bring in data from other systems; twice the same changes nothing.

    KEY names an import handler, one pair of systems: `poser import list` shows them, and
    `poser import KEY --help` what each one takes. Every run is recorded with what it
    changed, and can be reverted.

    \b
    Examples:
      poser import list
      poser import csv Product --from products.csv --dry-run
      poser import csv Product --from products.csv
      poser import explain csv Product 00012345678905 --from products.csv
      poser import runs
      poser import show 12
      poser import revert 12
      poser import schedules
      poser import poslog /srv/pos/2026-11-22.xml.gz

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a dry run or --warnings found changes,
    5 some records were kept aside and the rest went in, 6 stopped before anything was
    written, by a limit or for safety.
    """  # noqa: D301 - click reads \b as "keep these lines"
