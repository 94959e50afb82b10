# SPDX-License-Identifier: Apache-2.0
"""The deleted records of a table, found again: who deleted what, and a way to bring it back."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

import falcon

from poser.history import deleted
from poser.history.values import Change
from web.formats import Moment
from web.language import _
from web.resources.authors import maker, way
from web.resources.reading import fields_for, was_yours
from web.resources.resource import Resource, Verb
from web.resources.undoing import is_recorded
from web.showing import show
from web.visits import Visit, visit

_MOST = 200


class Gone(NamedTuple):
    """One deleted record; `others` leads to what went with it."""

    key: UUID
    name: str
    at: Moment
    by: str
    way: str
    others: str
    back: str


class DeletedPage:
    """Falcon resource: the list of deleted records."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show the newest, narrowed down by a word."""
        here, resource = visit(req), self._resource
        here.place = resource.path
        session = here.read()
        word = (req.get_param("q") or "").strip()[:200]
        found = deleted(session, resource.table.name, limit=_MOST)
        seen = fields_for(resource, here.visitor)
        rows = [
            self._gone(here, change)
            for change in found
            if was_yours(resource, here.visitor, change.old) and _has(change, seen, word)
        ]
        show(
            req,
            resp,
            "deleted.pt",
            title=_("Deleted {many}").format(many=_(resource.many)),
            resource=resource,
            rows=rows,
            word=word,
            is_recorded=is_recorded(session, resource.table.name),
            most=_MOST if len(found) == _MOST else 0,
        )

    def _gone(self, here: Visit, change: Change) -> Gone:
        resource = self._resource
        at = here.moment(change.at)
        assert at is not None  # noqa: S101 - a change has its time
        names = [change.old.get(n) for n in ("number", resource.label) if n in change.old]
        may_delete = Verb.DELETE in resource.can and here.visitor.may(
            resource.permission(Verb.DELETE)
        )
        return Gone(
            key=change.row_id,
            name=" ".join(dict.fromkeys(filter(None, names))) or _("(no name)"),
            at=at,
            by=maker(change.made),
            way=way(change.made),
            others=f"/history/{change.made.id}",
            back=f"{resource.path}/deleted/{change.row_id}" if may_delete else "",
        )


def _has(change: Change, seen: Collection[str], word: str) -> bool:
    """Tell whether a word is in what this visitor may see of a record."""
    values = (value or "" for name, value in change.old.items() if name in seen)
    return not word or any(word.casefold() in value.casefold() for value in values)
