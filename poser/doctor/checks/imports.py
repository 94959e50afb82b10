# SPDX-License-Identifier: Apache-2.0
"""Whether scheduled imports run at their hours, and end well."""

from datetime import UTC, datetime

from poser.doctor.check import Check, Finding, ok, warning, wrong
from poser.doctor.subject import Subject
from poser.importing.schedules import configured
from poser.importing.standing import Standing, standings


def _look(subject: Subject) -> Finding:
    config = subject.node.config
    schedules = configured(config)
    if not schedules:
        return ok("no import is scheduled")
    with subject.connected("poser") as connection:
        found = standings(connection, schedules, config, subject.clock())
    return judged(found)


def judged(found: list[Standing]) -> Finding:
    """Judge how schedules stand: missed or failed is wrong, records kept aside a warning."""
    bad = [said for one in found for said in _bad(one)]
    if bad:
        name = next(one.schedule.name for one in found if list(_bad(one)))
        return wrong(
            bad[0], details=bad[1:], hint=f"poser import schedules; journalctl -u {_unit(name)}"
        )
    aside = [one for one in found if one.last and one.last.refused]
    if aside:
        lines = [
            f"{one.schedule.name} kept {one.last.refused:,} records aside at"
            f" {_said(one.last.began_at)}"
            for one in aside
            if one.last
        ]
        number = aside[0].last.number if aside[0].last else 0
        return warning(lines[0], details=lines[1:], hint=f"poser import show {number} --refused")
    began = [one.last.began_at for one in found if one.last]
    newest = f", the newest at {_said(max(began))}" if began else "; none of them ran yet"
    return ok(f"{len(found)} imports are scheduled and ran as they should{newest}")


def _bad(one: Standing) -> list[str]:
    name = one.schedule.name
    said = []
    if one.missed_at:
        said.append(f"{name} should have run at {_said(one.missed_at)} and did not")
    if one.failure and one.last:
        said.append(f"{name} failed at {_said(one.last.began_at)}: {one.failure}")
    return said


def _unit(name: str) -> str:
    return f"poser-import-{name}"


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


CHECK = Check(
    name="imports",
    means="Prices and products that do not come in are wrong at the till, and nobody sees it.",
    mend="poser import schedules; journalctl -u poser-import-NAME; then run it again.",
    look=_look,
)
