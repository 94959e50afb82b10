# SPDX-License-Identifier: Apache-2.0
"""Other systems on the page of other nodes: what is watched, what is kept up to date."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from poser.datasync.pushing.turns import PushedStatus, pushed
from poser.datasync.watching.statuses import WatchedStatus, watched
from web.formats import Moment, count
from web.language import _
from web.visits import Visit


class System(NamedTuple):
    """One system that is no node: which way rows go, its state in a word and a colour."""

    name: str
    way: str
    state: str
    css: str
    records: str
    waiting: str
    refused: str
    at: Moment | None
    note: str


def systems(here: Visit, session: Session) -> list[System]:
    """Return all of them by name, those first that ask for a person."""
    found = [
        *(_watched(here, one) for one in watched(session)),
        *(_pushed(here, one) for one in pushed(session)),
    ]
    return sorted(found, key=lambda one: (one.css == "good", one.name))


def _watched(here: Visit, one: WatchedStatus) -> System:
    state, css = _state(one)
    if css == "good" and one.dead:
        state, css = _("asks for you"), "warm"
    return System(
        name=one.name,
        way=_("watched"),
        state=state,
        css=css,
        records=count(one.records),
        waiting=count(one.waiting) if one.waiting else "",
        refused=count(one.refused) if one.refused else "",
        at=here.moment(one.looked_at),
        note=one.note,
    )


def _pushed(here: Visit, one: PushedStatus) -> System:
    state, css = _state(one)
    return System(
        name=one.name,
        way=_("kept up to date from here"),
        state=state,
        css=css,
        records="",
        waiting="",
        refused="",
        at=here.moment(one.pushed_at),
        note=one.note,
    )


def _state(one: WatchedStatus | PushedStatus) -> tuple[str, str]:
    if one.is_paused:
        return _("paused"), "warm"
    if one.failed_at:
        return _("fails"), "bad"
    return _("in step"), "good"
