# SPDX-License-Identifier: Apache-2.0
"""How long runs are kept: as long as they can be taken back, and for some time at least."""

from poser.config import Setting
from poser.db.steps import Purge

KEEP_DAYS = Setting(
    "import.keep_days",
    int,
    default=400,
    low=1,
    doc="Days for which runs of importers are kept; those that can still be reverted stay.",
    restart=False,
)
OLD_RUNS = Purge(
    statement="""
WITH gone AS (
    DELETE FROM import_runs AS r
    WHERE r.ended_at < now() - make_interval(days => :days)
        AND coalesce(r.stage, 'null') = 'null'
        AND NOT (r.status = 'done' AND EXISTS (
            SELECT FROM versions AS v WHERE v.transaction_id = ANY (r.transaction_ids)
        ))
        AND NOT EXISTS (SELECT FROM batches AS b WHERE b.id = ANY (r.batch_ids))
    RETURNING r.id
)
SELECT count(*) FROM gone
""",
    days=KEEP_DAYS,
)
"""A run of which some history is left may be shown and reverted; one with a batch is its record."""
