# SPDX-License-Identifier: Apache-2.0
"""The history of a record as a page shows it: one entry a transaction, newest first."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from poser.history.values import Change
from poser.model.history import VersionKind
from web.formats import Moment
from web.language import _, mark
from web.resources.authors import maker, way
from web.resources.fields import Field
from web.resources.kept import Names, kept_text, names_for
from web.visits import Visit

_KINDS = {
    VersionKind.INSERT: mark("Added"),
    VersionKind.UPDATE: mark("Changed"),
    VersionKind.DELETE: mark("Deleted"),
    VersionKind.BASELINE: mark("Found as it is"),
}
_FOUND = mark("Recording began here, or was off before.")


class Line(NamedTuple):
    """One field of a change: what it was and what it became; `can_go_back` offers the old value."""

    name: str
    label: str
    old: str
    new: str
    can_go_back: bool


class Entry(NamedTuple):
    """What one statement made of the record; `moment` names it exactly, for its buttons."""

    kind: str
    word: str
    note: str
    at: Moment
    moment: str
    by: str
    way: str
    comment: str
    together: str
    lines: Sequence[Line]
    can_return: bool


def entries_of(
    here: Visit,
    changes: Sequence[Change],
    seen: Mapping[str, Field],
    editable: Iterable[str] = (),
    *,
    has_newest: bool = False,
) -> list[Entry]:
    """Show changes of one record, the newest first, with the fields that a visitor may see.

    `editable` names the fields whose old values may be put back; with any, the whole record can
    be made again what a change left, but for the newest of all.
    """
    may = frozenset(editable)
    names = names_for(here, _kept(changes, seen))
    newest = changes[-1] if has_newest and changes else None
    found = [
        _entry(here, change, seen, may, names)._replace(
            can_return=bool(may) and change is not newest and change.kind != VersionKind.DELETE
        )
        for change in reversed(changes)
    ]
    # A change of fields that this visitor may not see is none to this visitor.
    return [each for each in found if each.lines or each.kind != VersionKind.UPDATE]


def _kept(
    changes: Iterable[Change], seen: Mapping[str, Field]
) -> Iterable[tuple[Field, str | None]]:
    for change in changes:
        for values in (change.old, change.new):
            yield from ((seen[name], value) for name, value in values.items() if name in seen)


def _entry(
    here: Visit, change: Change, seen: Mapping[str, Field], may: frozenset[str], names: Names
) -> Entry:
    at = here.moment(change.at)
    assert at is not None  # noqa: S101 - a change has its time
    is_update = change.kind is VersionKind.UPDATE
    lines = [
        Line(
            name=name,
            label=_(field.label),
            old=kept_text(here, field, change.old.get(name), names),
            new=kept_text(here, field, change.new.get(name), names),
            can_go_back=is_update and name in may,
        )
        for name, field in seen.items()
        if name in change.old or name in change.new
    ]
    return Entry(
        kind=change.kind,
        word=_(_KINDS[change.kind]),
        note=_(_FOUND) if change.kind is VersionKind.BASELINE else "",
        at=at,
        moment=change.at.isoformat(),
        by=maker(change.made),
        way=way(change.made),
        comment=change.made.comment,
        together=f"/history/{change.made.id}",
        lines=[line for line in lines if is_update or line.old or line.new],
        can_return=False,
    )


def by_record(changes: Iterable[Change]) -> list[tuple[tuple[str, UUID], list[Change]]]:
    """Put the changes of one transaction together by record, in the order of tables."""
    ordered = sorted(changes, key=lambda change: (change.table, change.row_id))
    groups = groupby(ordered, key=lambda change: (change.table, change.row_id))
    return [(key, list(group)) for key, group in groups]
