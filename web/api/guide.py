# SPDX-License-Identifier: Apache-2.0
"""The API for people who write programs: which resources there are, and their fields."""

from typing import NamedTuple

import falcon

from web.api.names import list_path
from web.api.records import STAMPS
from web.api.schemas import field_schema, written_fields
from web.language import _
from web.resources import Resource, Verb
from web.resources.fields import Input
from web.showing import show
from web.visits import visit


class Entry(NamedTuple):
    """One resource in the list."""

    title: str
    about: str
    address: str
    path: str
    does: str


class Told(NamedTuple):
    """One field: its name, its kind of value, whether it is needed, and what it means."""

    name: str
    kind: str
    note: str
    help: str


class Guide:
    """Falcon resource: the list of resources and how to begin."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Show those that this visitor may see."""
        here = visit(req)
        mine = [
            r for r in here.site.resources.values() if here.visitor.may(r.permission(Verb.VIEW))
        ]
        entries = [_entry(each) for each in sorted(mine, key=lambda each: each.path)]
        show(req, resp, "api.pt", title=_("Programs"), entries=entries)


class GuideOf:
    """Falcon resource: one resource of the API, field by field."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Show its fields, or say that there is none of this name."""
        here = visit(req)
        found = next((r for r in here.site.resources.values() if r.noun == name), None)
        if found is None or not here.visitor.may(found.permission(Verb.VIEW)):
            raise falcon.HTTPNotFound
        show(
            req,
            resp,
            "api_resource.pt",
            title=_(found.title),
            resource=found,
            about=_(found.about),
            entry=_entry(found),
            fields=_fields(found),
        )


def _entry(resource: Resource) -> Entry:
    writes = {Verb.CREATE: "POST", Verb.EDIT: "PATCH", Verb.DELETE: "DELETE"}
    has = [word for verb, word in writes.items() if verb in resource.can]
    does = ", ".join(["GET", *(has if resource.database == "poser" else ())])
    path = f"/api/about/{resource.noun}"
    return Entry(_(resource.title), _(resource.about), list_path(resource), path, does)


def _fields(resource: Resource) -> list[Told]:
    written = written_fields(resource)
    told = []
    for name, field in resource.form.items():
        if field.input is Input.FILE:
            continue
        note = _("read only") if name not in written else _("needed") if field.is_required else ""
        told.append(Told(name, _kind(field_schema(field)), note, _(field.help)))
    stamps = [name for name in STAMPS if name in resource.table.c and name not in resource.form]
    return [*(Told(name, "string", _("read only"), "") for name in stamps), *told]


def _kind(schema: dict[str, object]) -> str:
    """Say which values a field takes, such as "string (date) or null"."""
    kind = schema.get("type", "any")
    words = [*kind] if isinstance(kind, list) else [str(kind)]
    if "format" in schema:
        words[0] = f"{words[0]} ({schema['format']})"
    options = schema.get("enum")
    if isinstance(options, list):
        words[0] = ", ".join(str(option) for option in options if option is not None)
    return " or ".join(words)
