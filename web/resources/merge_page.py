# SPDX-License-Identifier: Apache-2.0
"""The page that merges two records: choose the other one, look at what will be, do it."""

from typing import NamedTuple
from uuid import UUID

import falcon

from poser.db import transaction
from web.flash import flash
from web.language import _
from web.resources.choosing import Match, choose
from web.resources.doing import Button
from web.resources.facts import fact_of
from web.resources.fields import Input
from web.resources.merging import chosen, merge, pointing_at, try_merge
from web.resources.reading import Record, find_record, name_of, read_record
from web.resources.resource import Verb
from web.resources.words import label_of
from web.resources.writing import Wish, Writing, is_editable
from web.showing import show
from web.visits import Visit, visit


class Pair(NamedTuple):
    """One field of both records; `takes_other` proposes the value of the one that goes."""

    name: str
    label: str
    mine: str
    other: str
    is_same: bool
    takes_other: bool


class MergePage(Button):
    """Falcon resource: merges another record into this one."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Offer records to choose from."""
        here, resource = visit(req), self._resource
        here.place = resource.path
        session = here.read(resource.database)
        keep = read_record(session, resource, key, here.visitor, verb=Verb.EDIT)
        word = (req.get_param("q") or "").strip()
        matches: list[Match] = choose(session, resource, here.visitor, word) if word else []
        name = name_of(resource, keep)
        show(
            req,
            resp,
            "merge_with.pt",
            title=_("Merge into {name}").format(name=name),
            resource=resource,
            path=req.path,
            keep=name,
            back=resource.record_path(key),
            word=word,
            matches=[match for match in matches if match.id != str(key)],
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Show what merging would do; when the form says that it was seen, do it."""
        other = self._other(req, key)
        if req.context.form.get("seen"):
            self._merge(req, resp, key, other)
        else:
            self._preview(req, resp, key, other)

    def _other(self, req: falcon.Request, key: UUID) -> UUID:
        try:
            other = UUID(req.context.form.get("with", ""))
        except ValueError:
            raise falcon.HTTPBadRequest(description=_("Choose the other record first.")) from None
        if other == key:
            raise falcon.HTTPBadRequest(description=_("A record cannot be merged into itself."))
        return other

    def _preview(self, req: falcon.Request, resp: falcon.Response, key: UUID, other: UUID) -> None:
        here, resource = visit(req), self._resource
        here.place = resource.path
        session = here.read(resource.database)
        keep = read_record(session, resource, key, here.visitor, verb=Verb.EDIT)
        gone = read_record(session, resource, other, here.visitor, verb=Verb.DELETE)
        pairs = self._pairs(here, keep, gone)
        why_not = self._try(here, keep, gone, [p.name for p in pairs if p.takes_other])
        show(
            req,
            resp,
            "merge.pt",
            title=_("Merge into {name}").format(name=name_of(resource, keep)),
            resource=resource,
            path=req.path,
            keep=name_of(resource, keep),
            gone=name_of(resource, gone),
            key=str(key),
            other=str(other),
            swap=f"{resource.record_path(other)}/merge",
            back=resource.record_path(key),
            pairs=pairs,
            pointing=self._pointing(here, other),
            why_not=why_not,
        )

    def _merge(self, req: falcon.Request, resp: falcon.Response, key: UUID, other: UUID) -> None:
        here, resource, form = visit(req), self._resource, req.context.form
        with self._writing(req) as writing:
            # In the order of ids, so that two who merge at once do not wait for each other.
            found = {
                k: find_record(writing.session, resource, k, here.visitor, verb=verb, lock=True)
                for k, verb in sorted(((key, Verb.EDIT), (other, Verb.DELETE)))
            }
            keep, gone = found[key], found[other]
            if keep is None or gone is None:
                raise falcon.HTTPNotFound
            names = [n for n in resource.form if form.get(f"take.{n}") == "other"]
            merge(writing, key, other, self._wishes(here, gone, names), here.site.resources)
        said = _("Merged: {gone} is now {keep}.")
        flash(resp, said.format(gone=name_of(resource, gone), keep=name_of(resource, keep)))
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, resource.record_path(key)

    def _pairs(self, here: Visit, keep: Record, gone: Record) -> list[Pair]:
        resource = self._resource
        fields = {
            n: f
            for n, f in resource.form.items()
            if is_editable(resource, f, here.visitor) and f.input is not Input.FILE
        }
        takes = chosen(fields, keep, gone)
        return [
            Pair(
                name=name,
                label=_(field.label),
                mine=fact_of(here, field, keep).text,
                other=fact_of(here, field, gone).text,
                is_same=keep[name] == gone[name],
                takes_other=takes[name],
            )
            for name, field in fields.items()
        ]

    def _wishes(self, here: Visit, gone: Record, names: list[str]) -> list[Wish]:
        """Take values over as the database has them, without reading them from a text."""
        form = self._resource.form
        return [
            Wish(field=form[n], value=gone[n])
            for n in names
            if is_editable(self._resource, form[n], here.visitor)
        ]

    def _try(self, here: Visit, keep: Record, gone: Record, names: list[str]) -> str:
        """Merge and take it back, so that what cannot be is said now; nothing is kept of it."""
        wishes = self._wishes(here, gone, names)
        here.close()
        engine = here.site.engines[self._resource.database]
        with transaction(engine) as session:
            writing = Writing(
                session=session, resource=self._resource, visitor=here.visitor, zone=here.site.zone
            )
            why_not = try_merge(writing, keep["id"], gone["id"], wishes, here.site.resources)
            session.rollback()
        return why_not

    def _pointing(self, here: Visit, key: UUID) -> list[tuple[str, str, int]]:
        known = here.site.resources
        return [
            (
                _(known[p.table].title) if p.table in known else p.table.replace("_", " "),
                _(label_of(p.column)),
                p.rows,
            )
            for p in pointing_at(here.read(self._resource.database), self._resource, key)
        ]
