# SPDX-License-Identifier: Apache-2.0
"""What this node says of itself in plain words: release, schema, disk, backup, other nodes."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from poser import services
from poser.datasync.statuses import lags
from poser.errors import Unavailable
from web.datasync.words import lag_words
from web.language import _, mark
from web.node_status.units import Units
from web.visits import Visit

OK, WARNING, WRONG, UNKNOWN = "ok", "warning", "wrong", "not known"
_PLACES = ("/", "/var/lib/postgresql")
_TIGHT, _FULL = 10, 5
_SCHEMA = text("SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version")
_ARCHIVE = text("""
    SELECT current_setting('archive_mode') <> 'off' AS is_on, last_archived_time,
        coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS is_failing
    FROM pg_stat_archiver
""")

_MAIL = text("""
    SELECT count(*) FILTER (WHERE status = 'waiting') AS waiting,
        count(*) FILTER (WHERE status = 'failed') AS failed
    FROM emails WHERE status = 'waiting' OR status = 'failed' AND queued_at >= :since
""")
_A_WEEK = timedelta(days=7)
_LAG_S = 60
"""A node that is behind for less is in step as people see it."""


class Fact(NamedTuple):
    """One thing to know about the node; `state` is one of the four above."""

    label: str
    said: str
    state: str = OK


def facts(here: Visit, units: Units) -> list[Fact]:
    """Give what can be said at once, without asking the doctor, and without `mail`."""
    return [
        Fact(_("Release"), here.site.node.release or _("not built")),
        _services(units),
        *(_schema(here, name) for name in here.site.engines),
        *(_disk(place) for place in _disks()),
        _backup(here),
        _datasync(here, units),
    ]


def _services(units: Units) -> Fact:
    if units.trouble:
        words = _("systemd does not answer: {reason}").format(reason=units.trouble)
        return Fact(_("Services"), words, UNKNOWN)
    if units.down:
        names = ", ".join(unit.name for unit in units.down)
        return Fact(_("Services"), _("Down: {names}").format(names=names), WRONG)
    return Fact(_("Services"), _("All {count} run.").format(count=len(units.found)))


def _schema(here: Visit, name: str) -> Fact:
    label = _("Schema of {database}").format(database=name)
    found = _asked(here, name, _SCHEMA)
    if found is None:
        return Fact(label, _("the database does not answer"), WRONG)
    return Fact(label, str(found[0] or "–"))  # noqa: RUF001 - a dash


def _disks() -> Sequence[str]:
    """Name a folder of each file system that the databases and programs are on."""
    devices: dict[int, str] = {}
    for place in _PLACES:
        if os.path.exists(place):  # noqa: PTH110 - asked only
            devices.setdefault(os.stat(place).st_dev, place)  # noqa: PTH116
    return list(devices.values())


def _disk(place: str) -> Fact:
    seen = os.statvfs(place)
    percent = 100 * seen.f_bavail / seen.f_blocks if seen.f_blocks else 100.0
    state = OK if percent >= _TIGHT else WARNING if percent >= _FULL else WRONG
    free = seen.f_bavail * seen.f_frsize / 2**30
    words = _("{free} GiB free ({percent} %)").format(free=f"{free:,.1f}", percent=round(percent))
    return Fact(_("Disk {place}").format(place=place), words, state)


def mail(here: Visit) -> Fact:
    """Say what waits to be sent and what failed, which alerts tell of, too."""
    found = _asked(here, "poser", _MAIL, since=here.site.clock() - _A_WEEK)
    if found is None:
        return Fact(_("Mail"), _("the database does not answer"), UNKNOWN)
    words = [_("Nothing waits to be sent.")]
    if found.waiting:
        words = [_("{count} wait to be sent.").format(count=found.waiting)]
    if found.failed:
        words.append(_("{count} could not be sent this week.").format(count=found.failed))
    return Fact(_("Mail"), " ".join(words), WARNING if found.failed else OK)


def _backup(here: Visit) -> Fact:
    """Say what PostgreSQL knows of its archive, without which there is no backup to the minute."""
    found = _asked(here, "poser", _ARCHIVE)
    if found is None:
        return Fact(_("Backup"), _("the database does not answer"), UNKNOWN)
    if not found.is_on:
        return Fact(_("Backup"), _("No backup of the databases is set up on this node."), WARNING)
    last = here.moment(found.last_archived_time)
    if last is None:
        return Fact(_("Backup"), _("Set up, and nothing was archived yet."), WARNING)
    words = _("Changes archived until {time}.").format(time=last.text)
    return Fact(_("Backup"), words, WRONG if found.is_failing else OK)


def _datasync(here: Visit, units: Units) -> Fact:
    """Say how far the other nodes are, or why nobody knows."""
    label = _("Other nodes")
    if units.trouble:
        return Fact(label, _("Only systemd knows."), UNKNOWN)
    unit = next((each for each in units.found if each.name == services.DATASYNC.unit), None)
    if unit is None:
        return Fact(label, _("There is no datasync on this node yet."))
    if not unit.is_up:
        return Fact(label, unit.active, WRONG)
    found = lags(here.read())
    if not found:
        return Fact(label, _("There is none that this one is kept in step with."))
    behind = {name: lag for name, lag in found.items() if lag >= _LAG_S}
    if not behind:
        return Fact(label, _("In step: {count}").format(count=len(found)))
    name = max(behind, key=lambda one: behind[one])
    words = _("Behind: {count} of {all}, {node} by {lag}").format(
        count=len(behind), all=len(found), node=name, lag=lag_words(behind[name])
    )
    return Fact(label, words, WARNING)


def _asked(here: Visit, database: str, statement: Any, **values: object) -> Any:  # noqa: ANN401 - a row
    """Ask for one row; what fails fails alone, and what is asked next is answered."""
    try:
        session = here.read(database)
    except Unavailable:
        return None
    try:
        return session.execute(statement, values).one()
    except SQLAlchemyError:
        with suppress(SQLAlchemyError):
            here.read_on(database)
        return None


WORDS = {
    OK: mark("OK"),
    WARNING: mark("Look at it"),
    WRONG: mark("Wrong"),
    UNKNOWN: mark("Not known"),
}
ICONS = {OK: "check", WARNING: "warning", WRONG: "cross", UNKNOWN: "circle-help"}
_ORDER = (WRONG, WARNING, UNKNOWN, OK)


def worst_first(found: Sequence[Fact]) -> list[Fact]:
    """Put what is red first."""
    return sorted(found, key=lambda fact: _ORDER.index(fact.state))
