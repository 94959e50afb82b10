# SPDX-License-Identifier: Apache-2.0
"""Whether tables that are cut by time have partitions for the days to come."""

from datetime import date

from sqlalchemy import Connection, text

from poser.databases import DATABASES
from poser.db.partitions import Partitions, Period, partitions_of, periods
from poser.doctor.check import Check, Finding, ok, warning
from poser.doctor.subject import Subject

_UPKEEP = "sudo poser db upkeep"
# The application may not read a partition by itself; how full it is it may know.
_WAITING = text(
    "SELECT coalesce(max(n_live_tup), 0) FROM pg_stat_all_tables WHERE relid = to_regclass(:table)"
)


def _look(subject: Subject) -> Finding:
    from poser.extensions.models import metadata_of  # noqa: PLC0415 - slow

    found, count, waiting = [], 0, 0
    for name in DATABASES:
        metadata = metadata_of(name, subject.node.extensions)
        with subject.connected(name) as connection:
            for one in partitions_of(metadata):
                count += 1
                if lacking := _lacking(connection, one, subject.clock().date()):
                    found.append(f"{one.table} has none for {', '.join(map(str, lacking))}")
                table = f"{one.table}_default"
                waiting += int(connection.execute(_WAITING, {"table": table}).scalar_one())
    if found:
        return warning(found[0], details=found[1:], hint=_UPKEEP)
    # Late rows are nothing wrong: a store that was cut off sends them, and so does an example.
    later = f"; about {waiting} rows wait for the next upkeep" if waiting else ""
    return ok(f"{count} tables have their partitions ahead{later}")


def _lacking(connection: Connection, partitions: Partitions, today: date) -> list[Period]:
    """List the periods that should have been made by yesterday's upkeep and are not there."""
    wanted = [partitions.period(today)]
    for _ in range(max(partitions.ahead - 1, 1)):
        wanted.append(partitions.period(wanted[-1].end))
    there = set(periods(connection, partitions))
    return [period for period in wanted if period not in there]


CHECK = Check(
    name="partitions",
    means="Rows without a partition are kept in a slower place until the upkeep of the day.",
    mend=f"{_UPKEEP}; a timer does it every day.",
    look=_look,
)
