# SPDX-License-Identifier: Apache-2.0
"""The page of other nodes as people see it, with a node of each state and an open conflict."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState
from sqlalchemy import text

from poser.db import engine, transaction
from poser.ids import uuid7
from tests.browser.conftest import Shop, browsing, keep
from tests.browser.test_looks import check_look
from tests.web.test_datasync import (
    KIM,
    add_conflict,
    add_parked,
    add_peer,
    add_refused,
    add_systems,
)

pytestmark = pytest.mark.browser
TABLES = (
    "datasync_peers",
    "datasync_parked",
    "datasync_conflicts",
    "datasync_changes",
    "datasync_watched",
    "datasync_watched_changes",
    "datasync_pushed",
)


@pytest.fixture(scope="module")
def out_of_step(shop: Shop) -> Iterator[Shop]:
    """Let nodes be in every state, changes wait, and a person be asked."""
    database, now = engine(shop.database), datetime.now(UTC)
    with transaction(database) as session:
        add_peer(session, "store-1")
        add_peer(session, "store-2", seen_at=now - timedelta(minutes=20))
        held = "its database is two releases away from this one: bring it up to date"
        add_peer(session, "store-with-a-long-name-3", state="held", note=held)
        add_peer(session, "cloud-1", kind="cloud", dropped=["customers.colour"])
        add_conflict(session)
        old = {"is_open": False, "decided_by": "peer_wins", "theirs": None, "fields": ["id"]}
        add_conflict(session, key=uuid7(), **old)
        add_parked(session)
        error = "there is one already with barcode 074305001321, which is the one of Oat Milk"
        add_parked(session, key=uuid7(), tries=8, next_try_at=None, error=error)
        add_systems(session)
        add_refused(session)
        session.execute(
            text(
                "INSERT INTO datasync_changes (pos, batch, at, table_name, key, origin)"
                " VALUES (7, 7, now() - interval '3 hours', 'brands', gen_random_uuid(), 'store-1')"
            )
        )
    yield shop
    with transaction(database) as session:
        for table in TABLES:
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - ours
        session.execute(text("DELETE FROM customers WHERE id = :id"), {"id": KIM})
    database.dispose()


@pytest.mark.parametrize("kind", ["desktop-light", "desktop-dark", "phone-light", "phone-dark"])
def test_the_page_of_other_nodes_fits_and_can_be_read_and_touched(
    chromium: Browser,
    out_of_step: Shop,
    signed_in: StorageState,
    kind: str,
    screenshots: Path | None,
) -> None:
    with browsing(chromium, out_of_step, kind, signed_in) as visit:
        for name in ("datasync", "alerts", "node"):
            visit.open(f"/{name}")
            keep(visit.page, screenshots, f"look-{name}-{kind}")
            check_look(visit.page, kind)
        visit.open("/datasync")
        visit.page.locator("details.menu:has(input[name=why]) summary").first.click()
        visit.page.fill("input[name=why] >> nth=0", "a second Kim")
        keep(visit.page, screenshots, f"look-datasync-give-up-{kind}")
        assert visit.wrong == []
