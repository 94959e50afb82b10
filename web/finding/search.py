# SPDX-License-Identifier: Apache-2.0
"""What a text may mean: a record with just that code, records with those words, a page."""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.errors import Unavailable
from poser.model.lookup import products_by_code
from web.language import _
from web.resources import Resource, Verb
from web.resources.choosing import choose, named
from web.rights import BECOME_ROOT
from web.showing import MenuItem
from web.visits import Visit, Visitor

log = logging.getLogger(__name__)

MOST_OF_ONE = 5
_PRODUCTS = "products"
_PART_TIMEOUT_MS = 800
_LONGEST_S = 2.5
_AREAS_ASKED = (
    "products",
    "vendors",
    "customers",
    "people",
    "members",
    "employees",
    "brands",
    "departments",
    "categories",
    "stores",
    "customer_orders",
    "purchases",
    "users",
)
"""Tables that people look for by name; the others are found on the pages of these."""


class Hit(NamedTuple):
    """One thing that was found, and where it is."""

    text: str
    path: str


class Hits(NamedTuple):
    """What was found among one kind of records; `path` leads to all of them."""

    title: str
    icon: str
    path: str
    found: list[Hit]


def by_code(here: Visit, resources: Mapping[str, Resource], asked: str) -> str | None:
    """Give the address of the one record that has just this code or number."""
    products = resources[_PRODUCTS]
    if here.visitor.may(products.permission(Verb.VIEW)):
        found = products_by_code(here.read(), asked)
        if found:
            return products.record_path(found[0].id)
    hits = [
        hit
        for resource in _asked(resources, here.visitor)
        if resource.table.name != _PRODUCTS
        for hit in _named(here, resource, asked)
    ]
    return hits[0].path if len(hits) == 1 else None


def by_words(here: Visit, resources: Mapping[str, Resource], asked: str) -> list[Hits]:
    """List the records with these words, kind by kind; a kind that takes too long is left out."""
    found = []
    began = time.monotonic()
    _hurry(here.read())
    for resource in _asked(resources, here.visitor):
        if time.monotonic() - began > _LONGEST_S:
            break
        hits = _matching(here, resource, asked)
        if hits:
            more = f"{resource.path}?q="
            found.append(Hits(_(resource.title), resource.icon, more, hits))
    return found


def pages_named(items: Iterable[MenuItem], visitor: Visitor, asked: str) -> list[Hit]:
    """List the pages whose titles have these words."""
    words = asked.casefold().split()
    found = []
    for item in items:
        title = _(item.title)
        if visitor.may(item.need) and all(word in title.casefold() for word in words):
            found.append(Hit(title, item.path))
    return found


def actions_named(resources: Mapping[str, Resource], visitor: Visitor, asked: str) -> list[Hit]:
    """List what the visitor may do and whose name has these words: add a record, become root."""
    begun = [
        Hit(_("New {what}").format(what=_(each.one)), f"{each.path}/new")
        for each in resources.values()
        if each.area and each.offers(Verb.CREATE) and visitor.may(each.permission(Verb.CREATE))
    ]
    if visitor.may(BECOME_ROOT):
        begun.append(Hit(_("Become root"), "/root"))
    words = asked.casefold().split()
    return [hit for hit in begun if all(word in hit.text.casefold() for word in words)]


def _asked(resources: Mapping[str, Resource], visitor: Visitor) -> list[Resource]:
    mine = [resources[name] for name in _AREAS_ASKED if name in resources]
    return [each for each in mine if visitor.may(each.permission(Verb.VIEW))]


def _named(here: Visit, resource: Resource, asked: str) -> list[Hit]:
    session = here.read(resource.database)
    return [
        Hit(match.text, f"{resource.path}/{match.id}")
        for match in named(session, resource, here.visitor, asked)
    ]


def _matching(here: Visit, resource: Resource, asked: str) -> list[Hit]:
    session = here.read(resource.database)
    try:
        with session.begin_nested():
            found = choose(session, resource, here.visitor, asked)
    except (DBAPIError, Unavailable) as error:
        log.warning(
            "part of a search left out",
            extra={"resource": resource.path, "reason": str(error).partition("\n")[0]},
        )
        return []
    return [Hit(match.text, f"{resource.path}/{match.id}") for match in found[:MOST_OF_ONE]]


def _hurry(session: Session) -> None:
    session.execute(text(f"SET LOCAL statement_timeout = {_PART_TIMEOUT_MS}"))
