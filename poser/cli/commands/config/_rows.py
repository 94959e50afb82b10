# SPDX-License-Identifier: Apache-2.0
"""What the commands share: the rows of the database, and who changed them."""

from typing import TYPE_CHECKING

import click

from poser.cli.app import Node
from poser.config import Row
from poser.errors import ConfigError, Unavailable

if TYPE_CHECKING:
    from poser.settings.changes import Changed


def rows(node: Node, *, command: str) -> list[Row]:
    """Read all rows, also those that have expired. Raises Unavailable, or ConfigError."""
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - slow

    from poser.db.transactions import unavailable  # noqa: PLC0415
    from poser.settings import read_rows  # noqa: PLC0415

    engine = node.engine("poser", command=command)
    try:
        with engine.connect() as connection:
            return read_rows(connection, also_expired=True)
    except OperationalError as error:
        raise unavailable(engine, error) from error
    finally:
        engine.dispose()


def changes(node: Node, name: str) -> "list[Changed]":
    """Read who changed a setting when. Raises Unavailable, or ConfigError."""
    from poser.db import transaction  # noqa: PLC0415 - slow
    from poser.settings.changes import changes as read  # noqa: PLC0415

    engine = node.engine("poser", command="config explain")
    with transaction(engine, read_only=True) as session:
        return read(session, name)


def rows_or_none(node: Node, *, command: str) -> list[Row] | None:
    """Read the rows, or say on standard error why they are missing from what is shown."""
    try:
        return rows(node, command=command)
    except (Unavailable, ConfigError) as error:
        click.echo(f"warning: without the settings of the database: {error}", err=True)
        return None
