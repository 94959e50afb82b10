# SPDX-License-Identifier: Apache-2.0
"""`poser coop`: the co-op's own commands. One module for each word behind it."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """Look after the members' equity and the organic certificates of the co-op.

    \b
    Examples:
      poser coop equity --open
      poser coop buy 1042 4 --price 25.00
      poser coop certificates
      poser coop certificates --days 14 --json
      poser coop certify 4011 --number 12-345 --certifier US-ORG-021 --last-day 2027-12-31
    """  # noqa: D301 - click reads \b as "keep these lines"
