# SPDX-License-Identifier: Apache-2.0
"""`poser mail`: types of email, how they look, who gets them, and what became of each."""

import click

from poser.cli.folders import Folder


@click.group(cls=Folder, package=__name__)
def command() -> None:
    """See and set what mail this node sends, and what became of it.

    \b
    Examples:
      poser mail list
      poser mail preview import_changes --to page.html
      poser mail set logged_errors --to role:Technicians
      poser mail send-test --recipient anna@example.com
      poser mail queue
    """  # noqa: D301 - click reads \b as "keep these lines"
