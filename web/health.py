# SPDX-License-Identifier: Apache-2.0
"""`GET /health`: whether this node's web app can do its work, for machines that watch it."""

import logging

import falcon
from sqlalchemy import literal, select
from sqlalchemy.exc import SQLAlchemyError

from poser.db import transaction
from poser.errors import Unavailable
from web.surroundings import Surroundings

log = logging.getLogger(__name__)


class Health:
    """Falcon resource: asks each database one small question."""

    def __init__(self, site: Surroundings) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:  # noqa: ARG002 - Falcon
        """Answer 200 if all databases answer, else 503; never says why to strangers."""
        databases = {name: self._answers(name) for name in self._site.engines}
        fine = all(databases.values())
        resp.status = falcon.HTTP_OK if fine else falcon.HTTP_SERVICE_UNAVAILABLE
        resp.media = {
            "status": "ok" if fine else "failing",
            "release": self._site.node.release,
            "databases": {name: "ok" if ok else "failing" for name, ok in databases.items()},
        }

    def _answers(self, database: str) -> bool:
        try:
            with transaction(self._site.engines[database], read_only=True) as session:
                return session.scalar(select(literal(1))) == 1
        except (Unavailable, SQLAlchemyError) as error:
            log.warning("database failing", extra={"database": database, "reason": str(error)})
            return False
