# SPDX-License-Identifier: Apache-2.0
"""What a demo shop needs before it comes: room for the months that it has sold in."""

from datetime import date

from sqlalchemy import Engine

from poser.db.upkeep import keep_up
from poser.trainwreck.model import TrainwreckModel
from tests.support.postgresql import OWNER


def make_room(trainwreck: Engine) -> None:
    """Make the partitions from September 2026 on, as the owner does."""
    url = trainwreck.url.set(username=OWNER).render_as_string(hide_password=False)
    keep_up("trainwreck", url, TrainwreckModel.metadata, since=date(2026, 9, 1))
