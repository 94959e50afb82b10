# SPDX-License-Identifier: Apache-2.0
"""The figures of the page about other nodes for monitoring, which shows a token."""

import falcon

from poser.datasync.statuses import own_queue, peers
from web.visits import visit


class Metrics:
    """Falcon resource: how far nodes are in step, as OpenMetrics."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Write them all; who may see the page may read them."""
        # What only monitoring needs is loaded when it first asks.
        from poser.datasync.metrics import CONTENT_TYPE, in_openmetrics  # noqa: PLC0415

        session = visit(req).read()
        resp.content_type = CONTENT_TYPE
        resp.text = in_openmetrics(peers(session), own_queue(session))
