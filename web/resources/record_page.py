# SPDX-License-Identifier: Apache-2.0
"""The page of one record: its fields by section, related rows, and what can be done with it."""

from typing import NamedTuple
from uuid import UUID

import falcon

from web.language import _
from web.resources.facts import sections_of
from web.resources.reading import Record, may_do, name_of, read_record
from web.resources.related import related_tables
from web.resources.resource import Resource, Verb
from web.showing import show
from web.visits import Visit, visit


class Tab(NamedTuple):
    """One of the pages of a record."""

    text: str
    path: str
    is_on: bool


class ActionButton(NamedTuple):
    """An action of the resource, and where its button posts to."""

    label: str
    icon: str
    path: str
    is_dangerous: bool


class RecordFrame(NamedTuple):
    """What stands around every page of a record: its name, its tabs, and the buttons.

    A page written by hand shows it with the macro `head` of record_parts.pt. Empty paths
    leave their buttons out. `is_kept_there` says that head office alone changes it.
    """

    one: str
    name: str
    back: str
    back_text: str
    tabs: list[Tab]
    edit: str
    copy: str
    merge: str
    touch: str
    delete: str
    actions: list[ActionButton]
    is_kept_there: bool

    @property
    def has_more(self) -> bool:
        """Tell whether there are buttons that are rarely needed."""
        return bool(self.copy or self.merge or self.touch or self.delete)

    @property
    def has_buttons(self) -> bool:
        """Tell whether there is any button."""
        return bool(self.edit or self.actions or self.has_more)


class RecordPage:
    """Falcon resource: one record of a resource."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show the record, or say that there is none with this id."""
        resource = self._resource
        here = visit(req)
        here.place = resource.path
        session = here.read(resource.database)
        record = read_record(session, resource, key, here.visitor)
        show(
            req,
            resp,
            "record.pt",
            title=name_of(resource, record),
            resource=resource,
            frame=frame_of(here, resource, record),
            sections=sections_of(here, resource, record, path=resource.record_path(key)),
            related=related_tables(here, resource, record),
            parts=here.site.templates["record_parts.pt"],
        )


def frame_of(
    here: Visit, resource: Resource, record: Record, tab: str = "", *, is_live: bool = True
) -> RecordFrame:
    """Give what stands around a record's page; `tab` is the last part of its address.

    A record that is deleted has no buttons.
    """
    key: UUID = record["id"]
    path = resource.record_path(key)
    session = here.read(resource.database)

    def may(verb: Verb, on: Verb) -> bool:
        has = resource.offers(verb) and here.visitor.may(resource.permission(verb))
        return is_live and has and may_do(session, resource, key, here.visitor, on)

    may_edit = may(Verb.EDIT, Verb.EDIT)
    return RecordFrame(
        one=_(resource.one),
        name=name_of(resource, record),
        back=resource.path,
        back_text=_(resource.title),
        tabs=_tabs(here, resource, path, tab) if is_live else [],
        edit=f"{path}/edit" if may_edit else "",
        copy=f"{path}/copy" if may(Verb.CREATE, Verb.VIEW) else "",
        merge=f"{path}/merge" if may(Verb.MERGE, Verb.DELETE) else "",
        touch=f"{path}/touch" if may_edit else "",
        delete=f"{path}/delete" if may(Verb.DELETE, Verb.DELETE) else "",
        actions=[
            ActionButton(_(action.label), action.icon, f"{path}/{action.name}", action.is_dangerous)
            for action in resource.actions
            if is_live and here.visitor.may(action.permission) and action.available(record)
        ],
        is_kept_there=resource.grid.is_kept_there(here.visitor),
    )


def _tabs(here: Visit, resource: Resource, path: str, tab: str) -> list[Tab]:
    found = [Tab(_("Record"), path, not tab)]
    found += [
        Tab(_(each.label), f"{path}/{each.name}", tab == each.name)
        for each in resource.tabs
        if here.visitor.may(each.permission)
    ]
    if resource.has_history and here.visitor.may(resource.permission(Verb.HISTORY)):
        found.append(Tab(_("History"), f"{path}/history", tab == "history"))
    return found
