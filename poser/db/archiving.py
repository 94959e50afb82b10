# SPDX-License-Identifier: Apache-2.0
"""Moving old periods of cut tables away, and bringing them back.

The archive is a schema of the same database: a period moves there whole, at once, and its
rows are no longer in the tables that programs read. From there it may go to files
(poser.db.archive_files). Each period is one transaction, and files are safely on the disk
before their tables are dropped, so an interruption loses nothing and a second run goes on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, MetaData, text

from poser.db import archive_files, leaves
from poser.db.owning import alone, connected
from poser.db.partitions import Partitions, Period, archived, before, partitions_of
from poser.errors import PoserError

Tell = Callable[["Moved"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A period that was moved: `where` is what became of it, `rows` how many were copied."""

    table: str
    period: Period
    where: str
    rows: int = 0

    def to_json(self) -> dict[str, object]:
        """Give it for programs."""
        period = str(self.period)
        return {"table": self.table, "period": period, "where": self.where, "rows": self.rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """The cut tables of one database, and what is archived of them."""

    database: str
    url: str
    metadata: MetaData

    def listed(self) -> list[Moved]:
        """List what is in the archive."""
        with connected(self.database, self.url) as connection:
            return [
                Moved(table=partitions.table, period=period, where=folder or "archive")
                for partitions in partitions_of(self.metadata)
                for period, folder in archived(connection, partitions).items()
            ]

    def move(self, day: date, folder: Path | None, tell: Tell) -> list[Moved]:
        """Archive all periods that end by `day`, and write those archived to files if asked.

        Raises PoserError if `day` lies ahead: what is being written now stays.
        """
        with self._alone() as connection:
            today: date = connection.execute(text("SELECT current_date")).scalar_one()
            if day > today:
                raise PoserError(
                    f"{day:%Y-%m} has not begun: today is {today}",
                    hint="only what is over can be archived: --before names this month or earlier",
                )
            done: list[Moved] = []
            for partitions in partitions_of(self.metadata):
                for period in before(connection, partitions, day):
                    leaves.archive(connection, partitions.leaves(period))
                    connection.commit()
                    _note(done, tell, _moved(partitions, period, "archive"))
                for period, place in archived(connection, partitions).items():
                    if folder and not place and period.end <= day:
                        rows = _to_files(connection, partitions, period, folder.absolute())
                        where = str(folder.absolute())
                        _note(done, tell, _moved(partitions, period, where, rows))
            return done

    def attach(self, day: date, folder: Path | None, tell: Tell) -> list[Moved]:
        """Bring the archived periods of a month back, from `folder` or where the book says."""
        with self._alone() as connection:
            done: list[Moved] = []
            for partitions in partitions_of(self.metadata):
                book = archived(connection, partitions)
                for period, place in book.items():
                    if period.start.replace(day=1) == day:
                        found = folder or (Path(place) if place else None)
                        rows = _back(connection, partitions, period, found if place else None)
                        _note(done, tell, _moved(partitions, period, "attached", rows))
            if not done:
                raise PoserError(
                    f"database {self.database}: nothing of {day:%Y-%m} is in the archive",
                    hint=f"poser db archive {self.database} --list shows what is",
                )
            return done

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with connected(self.database, self.url) as connection, alone(connection):
            yield connection


def _note(done: list[Moved], tell: Tell, moved: Moved) -> None:
    done.append(moved)
    tell(moved)


def _moved(partitions: Partitions, period: Period, where: str, rows: int = 0) -> Moved:
    return Moved(table=partitions.table, period=period, where=where, rows=rows)


def _to_files(connection: Connection, partitions: Partitions, period: Period, folder: Path) -> int:
    """Write a period from the archive's schema to files, then drop its tables there."""
    cut = partitions.leaves(period)
    for leaf in cut:
        connection.execute(
            text(f"LOCK TABLE {leaves.ARCHIVE}.{leaf.name} IN ACCESS EXCLUSIVE MODE")
        )
    rows = archive_files.write(connection, cut, folder)
    for leaf in reversed(cut):
        connection.execute(text(f"DROP TABLE {leaves.ARCHIVE}.{leaf.name}"))
    leaves.write_book(connection, cut, str(folder))
    connection.commit()
    return rows


def _back(
    connection: Connection, partitions: Partitions, period: Period, folder: Path | None
) -> int:
    """Attach one period; returns how many rows came from files."""
    cut = partitions.leaves(period)
    rows = 0
    if folder is None:
        leaves.bring_back(connection, cut, partitions.defaults())
    else:
        leaves.lock(connection, partitions.defaults())
        leaves.create(connection, cut)
        rows = archive_files.read(connection, cut, folder)
        leaves.join(connection, cut, partitions.defaults())
    connection.commit()
    return rows
