# SPDX-License-Identifier: Apache-2.0
"""A POS log is the author of the products that it brings, for whoever imported it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from poser.db import transaction
from poser.db.authors import Author, authored
from poser.importing.poslog.databases import Databases
from poser.importing.poslog.run import Options, import_file
from poser.model import HistoryTransaction
from tests.support.poslog import EXAMPLE

pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize(
    ("starter", "user_name", "via"),
    [
        (None, "", "POS log of poslog"),
        (
            Author(source="command", user_name="anna", via="poser import poslog x.xml"),
            "anna",
            "poser import poslog x.xml",
        ),
    ],
)
def test_an_import_is_the_author_of_what_it_brings(
    poser_db: Engine, trainwreck_db: Engine, starter: Author | None, user_name: str, via: str
) -> None:
    databases = Databases(poser=poser_db, trainwreck=trainwreck_db)

    def bring() -> None:
        result = import_file(str(Path(EXAMPLE)), databases, Options(), lambda _file: None)
        assert result.counts["products"] > 0

    if starter:
        with authored(starter):
            bring()
    else:
        bring()
    with transaction(poser_db, read_only=True) as session:
        newest = select(HistoryTransaction).order_by(HistoryTransaction.id.desc()).limit(1)
        made = session.scalars(newest).one()
    assert (made.source, made.user_name, made.via) == ("import", user_name, via)
