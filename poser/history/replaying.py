# SPDX-License-Identifier: Apache-2.0
"""What a record was at a moment, worked out from its versions and what it is now.

Whole rows are kept of inserts, deletes and baselines, changed fields of updates. From a
whole row before the moment the updates are applied forward; where there is none (the record
is older than its history) they are undone from what came after. Where recording was off in
between, two versions contradict each other: such fields are named as unsure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from poser.history.values import Change
from poser.model.history import Fields, VersionKind

_WHOLE = (VersionKind.INSERT, VersionKind.BASELINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a record was: its fields, or None when there was no such record.

    `last` is the change that made it so, if the history has it. `unsure` names the fields
    that may have been something else, because they changed while nothing was recorded.
    """

    fields: Fields | None
    last: Change | None
    unsure: frozenset[str] = frozenset()


def state_at(changes: Sequence[Change], live: Fields | None, at: datetime) -> Then:
    """Work out a record at a moment (aware) from all its changes, oldest first."""
    place = max((n for n, change in enumerate(changes) if change.at <= at), default=-1)
    return state_after(changes, live, place)


def state_after(changes: Sequence[Change], live: Fields | None, place: int) -> Then:
    """Work out a record just after `changes[place]`; -1 is before the first of them."""
    last = changes[place] if place >= 0 else None
    for anchor in range(place, -1, -1):
        kind = changes[anchor].kind
        if kind is VersionKind.DELETE:
            return Then(fields=None, last=last)
        if kind in _WHOLE:
            fields = _forward(changes[anchor : place + 1])
            return Then(fields=fields, last=last, unsure=_denied(fields, changes, place))
    if place < 0 and changes and changes[0].kind is VersionKind.INSERT:
        return Then(fields=None, last=None)
    return _back(changes, live, place)


def _forward(changes: Iterable[Change]) -> Fields:
    fields: Fields = {}
    for change in changes:
        fields = dict(change.new) if change.kind in _WHOLE else {**fields, **change.new}
    return fields


def _denied(fields: Fields, changes: Sequence[Change], place: int) -> frozenset[str]:
    """Name the fields that the next version says had become something else before it."""
    if place + 1 >= len(changes):
        return frozenset()
    following = changes[place + 1]
    said = following.new if following.kind is VersionKind.BASELINE else following.old
    return frozenset(f for f in fields.keys() & said.keys() if fields[f] != said[f])


def _back(changes: Sequence[Change], live: Fields | None, place: int) -> Then:
    """Undo updates from the next whole row after `place`, or from the row as it is now."""
    last = changes[place] if place >= 0 else None
    end, fields, unsure = len(changes), live, set[str]()
    for number in range(place + 1, len(changes)):
        change = changes[number]
        if change.kind is not VersionKind.UPDATE:
            end, fields = number, change.old or change.new
            if change.kind is VersionKind.BASELINE:
                unsure.update(fields)
            break
    if fields is None:
        return Then(fields=None, last=last, unsure=frozenset(_named(changes)))
    fields = dict(fields)
    for change in reversed(changes[place + 1 : end]):
        unsure.update(f for f in change.new if f in fields and fields[f] != change.new[f])
        fields.update(change.old)
    for field, value in _forward(changes[: place + 1]).items():
        if fields.get(field) != value:
            unsure.add(field)
            fields[field] = value
    return Then(fields=fields, last=last, unsure=frozenset(unsure))


def _named(changes: Iterable[Change]) -> set[str]:
    return {field for change in changes for field in change.fields}
