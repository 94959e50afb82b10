# SPDX-License-Identifier: Apache-2.0
"""A replica of a node's database that takes over: it may lack what peers have been given."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from poser.datasync.epochs import renew_if_restored
from poser.datasync.reading import epoch
from poser.db import engine, transaction
from tests.support.daemons import eventually
from tests.support.postgresql import Server, replica

pytestmark = pytest.mark.postgresql

_MUCH = text("INSERT INTO brands (name) SELECT 'Brand ' || n FROM generate_series(1, 20000) n")
_COUNT = text("SELECT count(*) FROM brands")
_CHECKPOINT = text("SELECT timeline_id FROM pg_control_checkpoint()")


def test_a_replica_that_takes_over_begins_anew_before_its_first_checkpoint(
    postgresql: Server, new_database: Callable[[str], Engine]
) -> None:
    before = new_database("poser")
    with transaction(before) as session:
        assert not renew_if_restored(session)
        was = epoch(session)
    with replica(postgresql) as (standby, take_over):
        with transaction(before) as session:
            session.execute(_MUCH)  # that checkpoint has to write all this and takes its time
        after = engine(standby.url(str(before.url.database)))

        def has_all() -> bool:
            with transaction(after, read_only=True) as session:
                return session.execute(_COUNT).scalar() == 20_000

        eventually(has_all)
        take_over()
        with transaction(after) as session:
            assert session.execute(_CHECKPOINT).scalar() == 1, "PostgreSQL has made none yet"
            assert renew_if_restored(session)
            assert epoch(session) != was
            assert not renew_if_restored(session)
        after.dispose()
