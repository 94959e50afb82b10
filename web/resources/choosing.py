# SPDX-License-Identifier: Apache-2.0
"""Choosing another record: by its code or name, else by words, twenty at most.

The list that unfolds below a box and the form that works without a script ask the same.
"""

from typing import Any, NamedTuple
from uuid import UUID

import falcon
from sqlalchemy import ColumnElement, Integer, Select, String, Table, or_, select
from sqlalchemy.orm import Session

from poser.gtin import CodeKind, candidates
from web.grid.phones import or_by_phone
from web.grid.searching import contains_words
from web.resources.columns import called, text_search
from web.resources.resource import Resource
from web.visits import Visitor, visit

MOST = 20
_CODES = ("number", "code", "gtin", "plu", "key", "name")
"""Columns whose very value a person types or scans."""
_GREATEST = 2**31


class Match(NamedTuple):
    """A record that can be chosen."""

    id: str
    text: str


class ChoosePage:
    """Falcon resource: the records that match what is typed, as JSON for the box."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them, those first that are called just so."""
        here = visit(req)
        session = here.read(self._resource.database)
        found = choose(session, self._resource, here.visitor, req.get_param("q") or "")
        resp.media = {"matches": [match._asdict() for match in found]}


def choose(session: Session, resource: Resource, visitor: Visitor, text: str) -> list[Match]:
    """List the records that match a text: those with this very code or name, then others."""
    text = text.replace("\0", " ").strip()
    found = named(session, resource, visitor, text) if text else []
    if len(found) < MOST:
        seen = {match.id for match in found}
        more = _read(session, resource, visitor, _containing(resource, visitor, text))
        found += [match for match in more if match.id not in seen]
    return found[:MOST]


def named(session: Session, resource: Resource, visitor: Visitor, text: str) -> list[Match]:
    """List the records that have this very code or name, or are called so."""
    conditions = _exactly(resource.table, text)
    return _read(session, resource, visitor, [or_(*conditions)]) if conditions else []


def called_so(session: Session, resource: Resource, key: UUID, visitor: Visitor) -> str:
    """Say how a record is called; empty when there is none that the visitor may see."""
    table = resource.table
    seen = resource.conditions_for(visitor)
    wanted = select(called(table, table.c.id)).where(table.c.id == key, *seen)
    return str(session.connection().execute(wanted).scalar() or "")


def _exactly(table: Table, text: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in _CODES:
        column = table.c.get(name)
        if column is None:
            continue
        if isinstance(column.type, String):
            found.append(column == text)
        elif name == "gtin":
            codes = [each.value for each in candidates(text) if each.kind is CodeKind.GTIN]
            found += [column.in_(codes)] if codes else []
        elif isinstance(column.type, Integer) and text.isascii() and text.isdigit():
            found += [column == int(text)] if int(text) < _GREATEST else []
    number = table.c.get("number")
    if number is not None and "name" in table.c and " " in text:
        first, _, rest = text.partition(" ")
        found.append((number == first) & (table.c.name == rest))
    return found


def _containing(resource: Resource, visitor: Visitor, text: str) -> list[ColumnElement[bool]]:
    table = resource.table
    label = table.c[resource.label]
    said = text_search(table, resource.search)
    if said is None:
        said = text_search(table, resource.label) if isinstance(label.type, String) else None
    if said is not None and text:
        return or_by_phone(table.c.id, contains_words(said, text), text, visitor)
    # Nothing to search in: what is not named exactly is not found.
    return [] if not text else [table.c.id.is_(None)]


def _read(
    session: Session, resource: Resource, visitor: Visitor, conditions: list[ColumnElement[bool]]
) -> list[Match]:
    table = resource.table
    wanted: Select[Any] = (
        select(table.c.id, called(table, table.c.id))
        .where(*conditions, *resource.conditions_for(visitor))
        .order_by(table.c[resource.label], table.c.id)
        .limit(MOST)
    )
    rows = session.connection().execute(wanted)
    return [Match(str(key), str(text or "(no name)")) for key, text in rows]
