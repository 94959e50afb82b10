# SPDX-License-Identifier: Apache-2.0
"""What every database needs now and then: partitions made ahead, increments folded.

The daily timer of a node runs this for each database; see `poser db upkeep`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, MetaData, text

from poser.config import Config
from poser.db.owning import alone, connected
from poser.db.partitions import Period, make, missing, partitions_of, waiting
from poser.db.steps import Purge


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Partitions that were made: of which table, for which period, and rows moved there."""

    table: str
    period: Period
    moved: int


@dataclass(slots=True, kw_only=True)
class Upkeep:
    """What was done to one database.

    `waiting` counts the rows left in DEFAULT by table: they are of days further ahead, or of
    a period that is in the archive. `steps` says how many rows each other step worked on.
    """

    database: str
    made: list[Made] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Give it for programs."""
        made = [{"table": m.table, "period": str(m.period), "moved": m.moved} for m in self.made]
        return {"made": made, "waiting": self.waiting, "steps": self.steps}


def keep_up(
    database: str,
    url: str,
    metadata: MetaData,
    *,
    config: Config | None = None,
    since: date | None = None,
    tell: Callable[[Made], None] = lambda _made: None,
) -> Upkeep:
    """Make the partitions that are missing, back to `since`, and do the database's other steps.

    Each period is a transaction of its own, so what was done before a cut stays. `metadata`
    knows the tables; its info, and that of each table, may name steps as
    {"upkeep": {what: a statement that counts}}, or as a Purge with days of `config`.
    """
    done = Upkeep(database=database)
    steps = _steps(metadata)
    with connected(database, url) as connection, alone(connection):
        for partitions in partitions_of(metadata):
            now = connection.execute(text("SELECT now()")).scalar_one()
            todo = missing(connection, partitions, now, since=since)
            connection.commit()
            for period in todo:
                moved = make(connection, partitions, period)
                connection.commit()
                done.made.append(Made(table=partitions.table, period=period, moved=moved))
                tell(done.made[-1])
            if left := sum(waiting(connection, partitions).values()):
                done.waiting[partitions.table] = left
            connection.commit()
        for what, step in steps.items():
            done.steps[what] = _do(connection, step, config or Config())
            connection.commit()
    return done


def _do(connection: Connection, step: str | Purge, config: Config) -> int:
    if isinstance(step, str):
        return int(connection.execute(text(step)).scalar_one())
    days = {"days": step.days(config)}
    return int(connection.execute(text(step.statement), days).scalar_one())


def _steps(metadata: MetaData) -> dict[str, str | Purge]:
    """Collect what else is to be done: a statement for each, which counts."""
    found: dict[str, str | Purge] = dict(metadata.info.get("upkeep", {}))
    for table in metadata.sorted_tables:
        found |= table.info.get("upkeep", {})
    return found
