# SPDX-License-Identifier: Apache-2.0
"""The page about other nodes: how far each is, what waits and why, and conflicts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import falcon
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.datasync.resolving import WHOLE, conflicts, differing
from poser.datasync.statuses import PeerStatus, peers
from poser.datasync.steering import parked
from poser.datasync.watching.statuses import refused
from poser.model import DatasyncConflict, DatasyncParked, NodeKind, PeerState, WatchedChange
from web.datasync.rights import EDIT, may_see, may_settle
from web.datasync.systems import systems
from web.datasync.words import lag_words, who_decided
from web.formats import Moment, count
from web.language import _, mark
from web.permissions import Permission
from web.resources.kept_fields import KeptRow, as_kept, shown_fields
from web.resources.resource import Verb
from web.resources.words import label_of
from web.showing import show
from web.visits import Visit, visit

PATH = "/datasync"
SEE_BATCHES = Permission("batches.view", "See batches")
SILENT_AFTER = timedelta(minutes=10)
MOST = 50
_LONG_S = 60
KINDS = {
    NodeKind.HOST: mark("head office"),
    NodeKind.STORE: mark("store"),
    NodeKind.CLOUD: mark("cloud"),
}


class Peer(NamedTuple):
    """One other node: its state in a word and a colour, and how far it is."""

    name: str
    kind: str
    state: str
    css: str
    behind: str
    lag: str
    parked: str
    seen: Moment | None
    notes: list[str]


class Waiting(NamedTuple):
    """One change that the database refused; `next` is None when it asks for a person.

    It came from `peer`: another node, or a system that is watched.
    """

    id: str
    peer: str
    table: str
    name: str
    path: str
    key: str
    error: str
    tries: int
    since: Moment | None
    next: Moment | None


class Side(NamedTuple):
    """One field of a conflict, here and there; `is_asked` says that a person has to choose."""

    name: str
    label: str
    ours: str
    theirs: str
    is_asked: bool


class Conflict(NamedTuple):
    """A row that two nodes changed at once; without `sides` the visitor may not see what."""

    id: str
    at: Moment | None
    peer: str
    table: str
    name: str
    path: str
    key: str
    sides: list[Side]
    ours_gone: bool
    theirs_gone: bool
    decided: str
    is_open: bool
    may_settle: bool
    is_whole: bool


class DatasyncPage:
    """Falcon resource: this node among the others."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show it, what asks for a person first."""
        here = visit(req)
        here.place = PATH
        session = here.read()
        found = sorted(peers(session), key=lambda one: (not _asks(here, one), one.name))
        waits: list[DatasyncParked | WatchedChange] = [*parked(session), *refused(session)]
        show(
            req,
            resp,
            "datasync.pt",
            title=_("Other nodes"),
            lead=_lead(here, found),
            peers=[_peer(here, one) for one in found[:MOST]],
            more_peers=max(len(found) - MOST, 0),
            systems=systems(here, session),
            waiting=[_waiting(here, one) for one in waits[:MOST]],
            waits=count(len(waits)),
            more_waiting=max(len(waits) - MOST, 0),
            conflicts=_conflicts(here, conflicts(session, limit=MOST)),
            open_conflicts=_count_open(session),
            may_edit=here.visitor.may(EDIT),
            may_review=here.visitor.may(EDIT) and here.visitor.may(SEE_BATCHES),
        )


def is_silent(here: Visit, one: PeerStatus) -> bool:
    """Tell whether a peer that should answer has not for a while."""
    if one.state != PeerState.ACTIVE:
        return False
    return one.seen_at is None or here.site.clock() - one.seen_at > SILENT_AFTER


def _asks(here: Visit, one: PeerStatus) -> bool:
    return one.needs_somebody or is_silent(here, one)


def _lead(here: Visit, found: Sequence[PeerStatus]) -> str:
    """Say in one sentence how it is."""
    if not found:
        return _("This node is kept in step with no other: it stands alone.")
    asking = [one.name for one in found if _asks(here, one)]
    if asking:
        some = ", ".join(asking[:5]) + ("…" if len(asking) > 5 else "")  # noqa: PLR2004
        return _("Somebody has to look at: {names}").format(names=some)
    behind = [one for one in found if one.behind]
    if not behind:
        return _("All nodes are in step.")
    return _("{count} of {all} nodes are behind, at most {lag}.").format(
        count=len(behind), all=len(found), lag=lag_words(max(one.lag_s for one in behind))
    )


def _peer(here: Visit, one: PeerStatus) -> Peer:
    word, css = _state(here, one)
    notes = [one.note] if one.note else []
    if one.dropped:
        notes.append(
            _("It runs a newer release; not taken: {columns}").format(
                columns=", ".join(one.dropped)
            )
        )
    waits = [_("{count} waiting").format(count=count(one.parked))] if one.parked else []
    waits += [_("{count} given up").format(count=count(one.dead))] if one.dead else []
    return Peer(
        name=one.name,
        kind=_(KINDS[NodeKind(one.kind)]),
        state=word,
        css=css,
        behind=count(one.behind) if one.behind else "",
        lag=lag_words(one.lag_s) if one.behind else "",
        parked=", ".join(waits),
        seen=here.moment(one.seen_at),
        notes=notes,
    )


def _state(here: Visit, one: PeerStatus) -> tuple[str, str]:
    if one.state == PeerState.HELD:
        return _("held"), "bad"
    if one.state == PeerState.PAUSED:
        return _("paused"), "warm"
    if is_silent(here, one):
        return _("silent"), "bad"
    if one.dead or one.conflicts_open:
        return _("asks for you"), "warm"
    if one.lag_s > _LONG_S:
        return _("behind"), "warm"
    return _("in step"), "good"


def _waiting(here: Visit, one: DatasyncParked | WatchedChange) -> Waiting:
    if isinstance(one, WatchedChange):
        return _of_system(here, one)
    row = _row(here, one.table_name, str(one.key), one.data)
    return Waiting(
        id=str(one.id),
        peer=one.peer,
        table=row.table,
        name=row.name,
        path=row.path,
        key=str(one.key),
        error=one.error,
        tries=one.tries,
        since=here.moment(one.parked_at),
        next=here.moment(one.next_try_at),
    )


def _of_system(here: Visit, one: WatchedChange) -> Waiting:
    return Waiting(
        id=str(one.id),
        peer=one.watched,
        table=one.model,
        name="",
        path="",
        key=one.key,
        error=one.error,
        tries=one.tries,
        since=here.moment(one.found_at),
        next=here.moment(one.next_try_at),
    )


def _conflicts(here: Visit, found: Sequence[DatasyncConflict]) -> list[Conflict]:
    names = [
        [n for n in differing(one) if may_see(here, one.table_name, n)] if _is_known(one) else []
        for one in found
    ]
    rows = [
        KeptRow(
            one.table_name,
            {n: as_kept((one.ours or {}).get(n)) for n in some},
            {n: as_kept((one.theirs or {}).get(n)) for n in some},
        )
        for one, some in zip(found, names, strict=True)
    ]
    sides = shown_fields(here, rows)
    return [
        Conflict(
            id=str(one.id),
            at=here.moment(one.at),
            peer=one.peer,
            table=row.table,
            name=row.name,
            path=row.path,
            key=str(one.key),
            sides=[
                Side(f.name, f.label, f.old or "", f.new or "", is_asked=f.name in one.fields)
                for f in fields
            ],
            ours_gone=one.ours is None,
            theirs_gone=one.theirs is None,
            decided=who_decided(one),
            is_open=one.is_open,
            may_settle=may_settle(here, one),
            is_whole=WHOLE in one.fields,
        )
        for one, fields in zip(found, sides, strict=True)
        for row in [_row(here, one.table_name, str(one.key), one.ours or one.theirs)]
    ]


def _is_known(one: DatasyncConflict) -> bool:
    return one.ours is not None or one.theirs is not None


class Row(NamedTuple):
    """What a row is in people's words: its kind, its name if it may be seen, its page."""

    table: str
    name: str
    path: str


def _row(here: Visit, table: str, key: str, data: Mapping[str, Any] | None) -> Row:
    resource = here.site.resources.get(table)
    if resource is None:
        return Row(label_of(table), "", "")
    label = resource.table.c[resource.label]
    is_shown = not label.foreign_keys and may_see(here, table, label.name)
    name = (data or {}).get(label.name) if is_shown else None
    may = here.visitor.may(resource.permission(Verb.VIEW))
    return Row(_(resource.one), str(name or ""), f"{resource.path}/{key}" if may else "")


def _count_open(session: Session) -> int:
    asked = select(func.count()).select_from(DatasyncConflict).where(DatasyncConflict.is_open)
    return session.execute(asked).scalar_one()
