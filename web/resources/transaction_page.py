# SPDX-License-Identifier: Apache-2.0
"""Everything that was changed together in one transaction, and taking all of it back."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.errors import PoserError
from poser.history import changes_of_transaction, restore_transaction
from poser.history.restoring import Restored
from poser.history.values import Change
from poser.model.history import VersionKind
from web.flash import flash
from web.language import _
from web.resources.authors import maker, way
from web.resources.history import Entry, by_record, entries_of
from web.resources.reading import fields_for, was_yours
from web.resources.resource import Resource, Verb
from web.resources.undoing import MOST_TOGETHER
from web.resources.writing import NotYours, is_editable
from web.showing import show
from web.visits import Visit, visit

_MOST_SHOWN = 300
_VERBS = {
    VersionKind.INSERT: Verb.DELETE,  # what was added goes away again
    VersionKind.UPDATE: Verb.EDIT,
    VersionKind.DELETE: Verb.DELETE,
}


class Touched(NamedTuple):
    """One record that a transaction changed; without `path` it is not there now."""

    table: str
    name: str
    path: str
    entries: Sequence[Entry]


class TransactionPage:
    """Falcon resource: one transaction of the history."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show what it changed, of that what this visitor may see."""
        here = visit(req)
        changes = _changes(here.read(), key, _MOST_SHOWN + 1)
        seen = _visible(here, changes[:_MOST_SHOWN])
        if not seen:
            raise falcon.HTTPNotFound
        made = changes[0].made
        show(
            req,
            resp,
            "transaction.pt",
            title=_("Changed together"),
            at=here.moment(changes[0].at),
            by=maker(made),
            way=way(made),
            comment=made.comment,
            records=[_touched(here, group) for _record, group in by_record(seen)],
            hidden=min(len(changes), _MOST_SHOWN) - len(seen),
            more=_MOST_SHOWN if len(changes) > _MOST_SHOWN else 0,
            path=req.path,
            can_restore=False,
            changes=here.site.templates["history_parts.pt"],
            why_not=_why_not(here, _changes(here.read(), key, MOST_TOGETHER + 1)),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Take all of it back, or nothing."""
        here = visit(req)
        why_not = _why_not(here, _changes(here.read(), key, MOST_TOGETHER + 1))
        if why_not:
            raise falcon.HTTPForbidden(title=_("This cannot be taken back"), description=why_not)
        here.close()
        try:
            with transaction(here.site.engines["poser"]) as session:
                done = restore_transaction(session, key)
                _check_yours(here, session, done)
        except PoserError as error:
            words = f"{error}.".replace("..", ".")
            raise falcon.HTTPConflict(
                title=_("This cannot be taken back"), description=words
            ) from error
        flash(resp, _("Taken back: {count} changes.").format(count=len(done)))
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, req.path


def _changes(session: Session, key: UUID, limit: int) -> list[Change]:
    try:
        return changes_of_transaction(session, key, limit=limit)
    except PoserError as error:
        raise falcon.HTTPNotFound from error


def _visible(here: Visit, changes: Iterable[Change]) -> list[Change]:
    """Leave out what this visitor may not see: tables, rows of other stores, fields."""
    found = []
    for table, group in _by_table(changes):
        resource = here.site.resources.get(table)
        if resource is None or not _may_see(here, resource):
            continue
        live = _live(here, resource, {change.row_id for change in group})
        found += [
            change
            for change in group
            if change.row_id in live or was_yours(resource, here.visitor, change.old or change.new)
        ]
    return found


def _may_see(here: Visit, resource: Resource) -> bool:
    needs = (resource.permission(Verb.VIEW), resource.permission(Verb.HISTORY))
    return all(here.visitor.may(need) for need in needs)


def _live(here: Visit, resource: Resource, ids: set[UUID], verb: Verb = Verb.VIEW) -> set[UUID]:
    table = resource.table
    conditions = resource.conditions_for(here.visitor, verb)
    wanted = select(table.c.id).where(table.c.id.in_(ids), *conditions)
    return set(here.read().scalars(wanted))


def _touched(here: Visit, changes: Sequence[Change]) -> Touched:
    change = changes[-1]
    resource = here.site.resources[change.table]
    known = {**change.old, **change.new}
    words = [known.get(name) for name in ("number", resource.label)]
    is_live = change.row_id in _live(here, resource, {change.row_id})
    return Touched(
        table=_(resource.one),
        name=" ".join(dict.fromkeys(filter(None, words))) or "…" + str(change.row_id)[-6:],
        path=f"{resource.record_path(change.row_id)}/history" if is_live else "",
        entries=entries_of(here, changes, fields_for(resource, here.visitor)),
    )


def _why_not(here: Visit, changes: Sequence[Change]) -> str:
    """Say why this visitor cannot take a transaction back; empty when they can."""
    if len(changes) > MOST_TOGETHER:
        return _("It has too many changes for a page: use `poser history restore` on the node.")
    if any(change.kind is VersionKind.BASELINE for change in changes):
        return _("It only wrote down what was there when recording began.")
    if len(_visible(here, changes)) < len(changes):
        return _("It changed records that you may not see.")
    for table, group in _by_table(changes):
        resource = here.site.resources[table]
        there = {each.row_id for each in group if each.kind is not VersionKind.DELETE}
        mine = _live(here, resource, there, Verb.EDIT) & _live(here, resource, there, Verb.DELETE)
        is_beyond = bool(_live(here, resource, there) - mine)
        if is_beyond or not all(_may_undo(here, resource, change) for change in group):
            return _("It changed {many} in a way that you may not change back.").format(
                many=_(resource.many)
            )
    return ""


def _may_undo(here: Visit, resource: Resource, change: Change) -> bool:
    verb = _VERBS[change.kind]
    if not (verb in resource.can and here.visitor.may(resource.permission(verb))):
        return False
    guarded = {*resource.guarded, *resource.guarded_edit} & set(change.fields)
    form = resource.form
    return all(name in form and is_editable(resource, form[name], here.visitor) for name in guarded)


def _check_yours(here: Visit, session: Session, done: Iterable[Restored]) -> None:
    """See that what is there again, as it was, is not beyond this visitor. Raises NotYours."""
    ids: dict[str, set[UUID]] = {}
    for one in done:
        ids.setdefault(one.table, set()).add(one.row_id)
    for table, some in ids.items():
        resource = here.site.resources[table]
        conditions = resource.conditions_for(here.visitor, Verb.EDIT)
        key = resource.table.c.id
        there = select(func.count()).where(key.in_(some))
        if conditions and session.scalar(there) != session.scalar(there.where(*conditions)):
            raise NotYours(resource)


def _by_table(changes: Iterable[Change]) -> list[tuple[str, list[Change]]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.table, []).append(change)
    return list(found.items())
