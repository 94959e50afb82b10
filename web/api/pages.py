# SPDX-License-Identifier: Apache-2.0
"""Falcon resources of the API: all records of a resource, and one of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import falcon
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.db.refused import Refused as RowRefused
from web.api.names import list_path, record_path
from web.api.problems import Unfit
from web.api.records import (
    Json,
    names_for,
    read_body,
    record_json,
    tag_of,
    values_of,
    with_needed,
)
from web.grid.counting import Count
from web.grid.edges import write_edge
from web.grid.loading import Page, load_page
from web.grid.reader import reader_of
from web.grid.subject import Column
from web.grid.view import View, read_view
from web.head_office import refusal
from web.resources import Resource, Verb
from web.resources.reading import find_record, read_record
from web.resources.writing import NotThere, NotYours, Wish, Writing
from web.visits import Visit, visit

ANY = "*"


class Records:
    """Falcon resource: all records of a resource; lists, finds and adds."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List records, with the search, filters and order of the grid, a page at a time."""
        here, resource = visit(req), self._resource
        names = names_for(resource, here.visitor)
        view = read_view(resource.grid, req.params, reader_of(here))
        columns = tuple(
            Column(name=name, label=name, value=resource.table.c[name]) for name in names
        )
        view = replace(view, columns=columns)
        page = load_page(here.read(resource.database), here.site.counts, view)
        onward = _onward(resource, view, page)
        if onward:
            resp.append_link(onward, "next")
        send(
            resp,
            {
                "items": [record_json(names, dict(row._mapping)) for row in page.rows],  # noqa: SLF001
                "count": _count(page.count),
                "next": onward,
            },
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Add a record of the fields in the body."""
        here, resource = visit(req), self._resource
        need(here, resource, Verb.CREATE, ("GET",))
        values = values_of(resource, here.visitor, read_body(req))
        with_needed(resource, here.visitor, values)
        with writing(here, resource) as (session, writer):
            key = writer.create(values)
            made = _read(session, here, resource, key)
        resp.status = falcon.HTTP_CREATED
        resp.location = record_path(resource, key)
        resp.set_header("ETag", tag_of(made))
        send(resp, made)


class OneRecord:
    """Falcon resource: one record; reads, changes and deletes."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Give the record, with the tag of its version."""
        here, resource = visit(req), self._resource
        names = names_for(resource, here.visitor)
        session = here.read(resource.database)
        found = record_json(names, read_record(session, resource, key, here.visitor))
        tag = tag_of(found)
        resp.set_header("ETag", tag)
        if tag in _tags(req.get_header("If-None-Match")):
            resp.status = falcon.HTTP_NOT_MODIFIED
            return
        send(resp, found)

    def on_patch(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Write the fields in the body, if the record is as its writer saw it."""
        here, resource = visit(req), self._resource
        need(here, resource, Verb.EDIT, ("GET",))
        values = values_of(resource, here.visitor, read_body(req))
        with writing(here, resource) as (session, writer):
            _match(req, session, here, resource, key)
            writer.change(key, [Wish(field=resource.form[n], value=v) for n, v in values.items()])
            now = _read(session, here, resource, key)
        resp.set_header("ETag", tag_of(now))
        send(resp, now)

    def on_delete(self, req: falcon.Request, resp: falcon.Response, key: UUID) -> None:
        """Delete the record, if it is as its reader saw it."""
        here, resource = visit(req), self._resource
        need(here, resource, Verb.DELETE, ("GET",))
        with writing(here, resource) as (session, writer):
            _match(req, session, here, resource, key)
            writer.remove(key)
        resp.status = falcon.HTTP_NO_CONTENT


def send(resp: falcon.Response, body: object) -> None:
    """Send JSON."""
    resp.content_type = "application/json"
    resp.data = json.dumps(body, ensure_ascii=False, default=str).encode()


def need(here: Visit, resource: Resource, verb: Verb, instead: tuple[str, ...]) -> None:
    """See that a visitor may do something that goes beyond reading."""
    if verb not in resource.can or resource.database != "poser":
        raise falcon.HTTPMethodNotAllowed(instead)
    wanted = resource.permission(verb)
    if not here.visitor.may(wanted):
        raise refusal(here, wanted)


@contextmanager
def writing(here: Visit, resource: Resource) -> Iterator[tuple[Session, Writing]]:
    """Write in one transaction. What the database refuses becomes a problem of the body."""
    here.close()
    try:
        with transaction(here.site.engines[resource.database]) as session:
            yield (
                session,
                Writing(
                    session=session, resource=resource, visitor=here.visitor, zone=here.site.zone
                ),
            )
    except NotThere:
        raise falcon.HTTPNotFound from None
    except NotYours as error:
        raise falcon.HTTPForbidden(
            title="This is beyond you", description=f"{error}: {error.hint}."
        ) from None
    except RowRefused as error:
        raise Unfit(dict.fromkeys(error.fields or ("",), str(error))) from error


def _read(session: Session, here: Visit, resource: Resource, key: UUID) -> Json:
    names = names_for(resource, here.visitor)
    return record_json(names, read_record(session, resource, key, here.visitor))


def _match(
    req: falcon.Request, session: Session, here: Visit, resource: Resource, key: UUID
) -> None:
    """See that the writer saw the record as it is. Raises falcon.HTTPError if not."""
    wanted = _tags(req.get_header("If-Match"))
    if not wanted:
        raise falcon.HTTPPreconditionRequired(
            title="Say which version you saw",
            description="Send If-Match with the ETag of the record as you read it, or with *.",
        )
    record = find_record(session, resource, key, here.visitor, verb=Verb.VIEW, lock=True)
    if record is None:
        raise falcon.HTTPNotFound
    if ANY not in wanted and tag_of(record_json(names_for(resource, here.visitor), record)) not in (
        wanted
    ):
        raise falcon.HTTPPreconditionFailed(
            title="Somebody else changed it meanwhile",
            description="Read the record again, then send your change with its new ETag.",
        )


def _tags(header: str | None) -> set[str]:
    return {tag.strip() for tag in (header or "").split(",") if tag.strip()}


def _onward(resource: Resource, view: View, page: Page) -> str | None:
    if not page.has_next or not page.rows:
        return None
    return view.link_with({"after": write_edge(page.last), "cols": ""}, list_path(resource))


def _count(count: Count) -> dict[str, Any]:
    return {"number": count.number, "is_exact": count.is_exact}
