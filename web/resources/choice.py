# SPDX-License-Identifier: Apache-2.0
"""Rows that people chose in a grid: those of a page with a tick, or all that match its view."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import falcon
from sqlalchemy import ColumnElement

from web.grid.reader import Reader
from web.grid.view import read_view
from web.language import _
from web.resources.resource import Resource, Verb

MOST_CHOSEN = 20_000
"""How many rows one form may change: one transaction, and one person who answers for it."""

_KEY = re.compile(r"key-([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Rows of one resource: those with these ids, or, with `is_all`, those of a whole view."""

    resource: Resource
    reader: Reader
    keys: tuple[UUID, ...]
    query: str = ""
    is_all: bool = False

    def conditions(self, verb: Verb) -> tuple[ColumnElement[bool], ...]:
        """Say which rows they are, of those that the visitor may do this with."""
        resource, visitor = self.resource, self.reader.visitor
        scope = (*resource.conditions_for(visitor), *resource.conditions_for(visitor, verb))
        if not self.is_all:
            return (resource.table.c.id.in_(self.keys), *scope)
        given = falcon.uri.parse_query_string(self.query, keep_blank=False)
        return (*read_view(resource.grid, given, self.reader).conditions(), *scope)

    def hidden(self) -> list[tuple[str, str]]:
        """Give the fields by which the next form says the same choice."""
        if self.is_all:
            return [("query", self.query), ("all", "1")]
        return [("query", self.query), *((f"key-{key}", "1") for key in self.keys)]

    @property
    def back(self) -> str:
        """Where the rows were chosen."""
        return f"{self.resource.path}?{self.query}" if self.query else self.resource.path


def read_choice(resource: Resource, reader: Reader, form: Mapping[str, str]) -> Choice:
    """Read what was chosen; raises falcon.HTTPBadRequest when nothing was."""
    keys = tuple(UUID(found[1]) for name in form if (found := _KEY.fullmatch(name)))
    is_all = form.get("all") == "1"
    if not keys and not is_all:
        raise falcon.HTTPBadRequest(
            title=_("No row was chosen"),
            description=_("Go back, tick some rows, and try again."),
        )
    return Choice(
        resource=resource, reader=reader, keys=keys, query=form.get("query", ""), is_all=is_all
    )


def check_count(count: int) -> None:
    """Raise falcon.HTTPBadRequest for more rows than one form may change."""
    if count > MOST_CHOSEN:
        raise falcon.HTTPBadRequest(
            title=_("That is too much at once"),
            description=_("At most {count} rows can be changed at once.").format(
                count=f"{MOST_CHOSEN:,}"
            ),
        )
