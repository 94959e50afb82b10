# SPDX-License-Identifier: Apache-2.0
"""`poser history`: who changed what. One module for each word behind it."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """See who changed what, when and from where, and bring back what was.

    Every change of a recorded table is kept by the database itself, whoever made it: the
    web app, an import, a peer, a command or psql. A record is named by its id, or by a
    column and value that only it has: gtin=4006381333931.

    \b
    Examples:
      poser history status
      poser history log
      poser history log products gtin=4006381333931
      poser history show 01a202d7-9a1f-7666-9b8c-5e666a8d6e3d
      poser history as-of products gtin=4006381333931 2026-11-01T09:00Z
      poser history deleted products
      poser history restore products 01a2... --at 2026-11-01T09:00Z
      poser history restore --transaction 01a2...
      poser history check
      sudo poser history off product_codes
      sudo poser history on product_codes
      sudo poser history catch-up

    Old history goes by months: sudo poser db purge
    """  # noqa: D301 - click reads \b as "keep these lines"
