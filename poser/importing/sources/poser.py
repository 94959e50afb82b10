# SPDX-License-Identifier: Apache-2.0
"""Another node's database, row by row as it is."""

from collections.abc import Sequence
from typing import ClassVar

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.by_columns import AnyModel, all_fields, models_named
from poser.importing.formats.databases import DatabaseSource
from poser.importing.generic import is_said
from poser.importing.handler import ImportHandler, Option
from poser.importing.importer import Importer
from poser.importing.source import Source


class Poser(ImportHandler):
    """Another node's database: its rows with their ids, of the models that are named.

    What belongs to a node alone, such as its sessions and its history, stays there.
    """

    key = "poser"
    where = "the address of the other node's database, such as postgresql://poser@host/poser"
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="lacking",
            help="Take what both have, if the other node is of another release.",
            is_flag=True,
        ),
    )

    def source(self, asked: Asked) -> Source:
        """Connect to the other node's database."""
        return DatabaseSource(asked.where)

    def chosen(self, asked: Asked, source: Source) -> Sequence[Importer]:
        """Make an importer for each model that both nodes have."""
        assert isinstance(source, DatabaseSource)  # noqa: S101 - what this handler opens
        if asked.since or asked.until:
            raise ImportFailed(
                "another node's rows are not chosen by days",
                hint="leave --since, --until and --year out",
            )
        if not asked.models:
            raise ImportFailed(
                "no model is named",
                hint=f"poser import poser Department Product --from {source.name}",
            )
        importers = []
        for model in models_named(asked.models):
            theirs = source.names(str(model.__tablename__))
            if theirs is None:
                raise ImportFailed(
                    f"{source.name}: has no table {model.__tablename__}",
                    hint="is it a database of Poser?",
                )
            importers.append(_importer(model, theirs, source.name, is_said(asked, "lacking")))
        return importers


def _importer(
    model: AnyModel,
    theirs: Sequence[str],
    where: str,
    lacking: bool,  # noqa: FBT001 - as it is said
) -> Importer:
    """Take all columns that are not computed."""
    ours = [column.name for column in model.__table__.columns if column.computed is None]
    missing = [name for name in ours if name not in theirs]
    if missing and not lacking:
        raise ImportFailed(
            f"{where}: {model.__tablename__} lacks {', '.join(missing)}",
            hint="bring both nodes to one release, or take what both have with --lacking",
        )
    return all_fields(model, theirs)
